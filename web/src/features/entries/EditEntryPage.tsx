import { Navigate, useParams } from "react-router";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useEdited } from "../../lib/useEdited";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { entryQuery, formQuery } from "./api";
import { EntryForm } from "./EntryForm";
import { entryWords } from "./words";

export function Component() {
  const w = useWords(entryWords);
  const { form: formId = "", id = "" } = useParams();
  const form = useEdited(formQuery(formId));
  const entry = useEdited(entryQuery(id));
  const reload = () => {
    form.reload();
    entry.reload();
  };
  const row = entry.query.data?.row;
  if (row && String(row.form) !== formId) return <Navigate to={paths.editEntry(row.form, row.id)} replace />;
  return (
    <>
      <PageHeader
        title={w.editTitle}
        back={<BackTo path={paths.entry(formId, id)} label={w.backToEntry} />}
      />
      <Loaded query={entry.query} skeleton={<ListSkeleton />}>
        {(found) => (
          <Loaded query={form.query} skeleton={<ListSkeleton />}>
            {(of) => (
              <EntryForm key={`${form.attempt} ${entry.attempt}`} entry={found} form={of} onReload={reload} />
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}
