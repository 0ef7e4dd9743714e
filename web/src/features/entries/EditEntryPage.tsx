import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useParams } from "react-router";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { entryQuery, formQuery } from "./api";
import { EntryForm } from "./EntryForm";
import { entryWords } from "./words";

export function Component() {
  const w = useWords(entryWords);
  const { form: formId = "", id = "" } = useParams();
  // Read once, and again only when asked to: nobody's typing is overwritten from behind.
  const once = { staleTime: Infinity, gcTime: 0 };
  const form = useQuery({ ...formQuery(formId), ...once });
  const entry = useQuery({ ...entryQuery(id), ...once });
  const [attempt, setAttempt] = useState(0);
  const reload = async () => {
    await Promise.all([form.refetch(), entry.refetch()]);
    setAttempt((before) => before + 1);
  };
  const row = entry.data?.row;
  if (row && String(row.form) !== formId) return <Navigate to={paths.editEntry(row.form, row.id)} replace />;
  return (
    <>
      <PageHeader
        title={w.editTitle}
        back={
          <BackLink>
            <Link to={paths.entry(formId, id)} aria-label={w.backToEntry} />
          </BackLink>
        }
      />
      <Loaded query={entry} skeleton={<ListSkeleton />}>
        {(found) => (
          <Loaded query={form} skeleton={<ListSkeleton />}>
            {(of) => <EntryForm key={attempt} entry={found} form={of} onReload={() => void reload()} />}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}
