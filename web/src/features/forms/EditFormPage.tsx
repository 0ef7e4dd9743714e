import { useNavigate, useParams } from "react-router";
import type { FormChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { toast } from "../../ui/Toast";
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
  const navigate = useNavigate();
  const update = useUpdateForm(form.row.id);
  const save = async (changes: Partial<FormChanges>) => {
    const { row } = await update.mutateAsync({ changes, version: form.version });
    toast.done(w.updated(row.title));
    await navigate(lastOf(paths.forms));
  };
  return <FormBuilder form={form.row} onSave={save} error={update.error} onReload={onReload} />;
}
