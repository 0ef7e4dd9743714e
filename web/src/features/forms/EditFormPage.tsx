import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { FormChanges } from "../../api/schema";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { toast } from "../../ui/Toast";
import { formQuery, useUpdateForm, type VersionedForm } from "./api";
import { FormBuilder } from "./FormBuilder";
import { formWords } from "./words";

export function Component() {
  const w = useWords(formWords);
  const { id = "" } = useParams();
  // Read once, and again only when asked to: nobody's typing is overwritten from behind.
  const query = useQuery({ ...formQuery(id), staleTime: Infinity, gcTime: 0 });
  const [attempt, setAttempt] = useState(0);
  const reload = async () => {
    await query.refetch();
    setAttempt((before) => before + 1);
  };
  return (
    <>
      <PageHeader
        title={w.editTitle}
        back={
          <BackLink>
            <Link to={paths.forms} aria-label={w.back} />
          </BackLink>
        }
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(form) => <Edit key={attempt} form={form} onReload={() => void reload()} />}
      </Loaded>
    </>
  );
}

function Edit({ form, onReload }: { form: VersionedForm; onReload: () => void }) {
  const w = useWords(formWords);
  const navigate = useNavigate();
  const update = useUpdateForm(form.row.id);
  const save = async (changes: Partial<FormChanges>) => {
    const { row } = await update.mutateAsync({ changes, version: form.version });
    toast.done(w.updated(row.title));
    await navigate(paths.forms);
  };
  return <FormBuilder form={form.row} onSave={save} error={update.error} onReload={onReload} />;
}
