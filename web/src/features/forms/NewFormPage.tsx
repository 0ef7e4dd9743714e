import { useNavigate } from "react-router";
import type { FormChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { PageHeader } from "../../ui/Page";
import { toast } from "../../ui/Toast";
import { useCreateForm } from "./api";
import { FormBuilder } from "./FormBuilder";
import { formWords } from "./words";

export function Component() {
  const w = useWords(formWords);
  const navigate = useNavigate();
  const create = useCreateForm();
  const save = async (changes: Partial<FormChanges>) => {
    const { row } = await create.mutateAsync(changes as FormChanges);
    toast.done(w.createdToast(row.title));
    await navigate(lastOf(paths.forms));
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.forms} label={w.back} />} />
      <FormBuilder onSave={save} error={create.error} onReload={create.reset} />
    </>
  );
}
