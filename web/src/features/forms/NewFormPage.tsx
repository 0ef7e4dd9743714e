import { Link, useNavigate } from "react-router";
import type { FormChanges } from "../../api/schema";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
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
    await navigate(paths.forms);
  };
  return (
    <>
      <PageHeader
        title={w.createTitle}
        back={
          <BackLink>
            <Link to={paths.forms} aria-label={w.back} />
          </BackLink>
        }
      />
      <FormBuilder onSave={save} error={create.error} onReload={create.reset} />
    </>
  );
}
