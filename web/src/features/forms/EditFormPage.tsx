import { useParams } from "react-router";
import type { Write } from "../../api/client";
import type { FormChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { formQuery, useUpdateForm, type VersionedForm } from "./api";
import { FormBuilder } from "./FormBuilder";
import { formWords } from "./words";

export function Component() {
  const w = useWords(formWords);
  const { id = "" } = useParams();
  return (
    <EditPage title={w.editTitle} back={<BackTo path={paths.forms} label={w.back} />} query={formQuery(id)}>
      {(form, reload) => <Edit form={form} onReload={reload} />}
    </EditPage>
  );
}

function Edit({ form, onReload }: { form: VersionedForm; onReload: () => void }) {
  const w = useWords(formWords);
  const update = useUpdateForm(form.row.id);
  const save = async (changes: Partial<FormChanges>, write: Write) => {
    const { row } = await update.mutateAsync({ changes, write });
    return { message: w.updated(row.title), to: lastOf(paths.forms) };
  };
  return <FormBuilder form={form} onSave={save} onReload={onReload} />;
}
