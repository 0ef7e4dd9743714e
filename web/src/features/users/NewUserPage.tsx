import { useNavigate } from "react-router";
import type { NewUser, PartialUserChanges } from "../../api/schema";
import { fullName } from "../../lib/format";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { PageHeader } from "../../ui/Page";
import { toast } from "../../ui/Toast";
import { useCreateUser } from "./api";
import { UserForm } from "./UserForm";
import { userWords } from "./words";

export function Component() {
  const w = useWords(userWords);
  const navigate = useNavigate();
  const create = useCreateUser();
  const save = async (changes: PartialUserChanges) => {
    const { row } = await create.mutateAsync(changes as NewUser);
    toast.done(w.created(fullName(row)));
    await navigate(lastOf(paths.users));
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.users} label={w.back} />} />
      <UserForm onSave={save} error={create.error} onReload={create.reset} />
    </>
  );
}
