import { Link, useNavigate } from "react-router";
import type { NewUser, PartialUserChanges } from "../../api/schema";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
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
    await navigate(paths.users);
  };
  return (
    <>
      <PageHeader
        title={w.createTitle}
        back={
          <BackLink>
            <Link to={paths.users} aria-label={w.back} />
          </BackLink>
        }
      />
      <UserForm onSave={save} error={create.error} onReload={create.reset} />
    </>
  );
}
