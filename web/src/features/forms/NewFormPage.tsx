import type { Write } from "../../api/client";
import type { FormChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { PageHeader } from "../../ui/Page";
import { useCreateForm } from "./api";
import { FormBuilder } from "./FormBuilder";
import { formWords } from "./words";

export function Component() {
  const w = useWords(formWords);
  const create = useCreateForm();
  const save = async (changes: Partial<FormChanges>, write: Write) => {
    const { row } = await create.mutateAsync({ form: changes as FormChanges, write });
    return { message: w.createdToast(row.title), to: lastOf(paths.forms) };
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.forms} label={w.back} />} />
      <FormBuilder onSave={save} />
    </>
  );
}
