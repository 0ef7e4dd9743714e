import type { Write } from "../../api/client";
import type { NewUser } from "../../api/schema";
import { fullName } from "../../lib/format";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { PageHeader } from "../../ui/Page";
import { useCreateUser } from "./api";
import { type UserFormChanges, UserForm } from "./UserForm";
import { userWords } from "./words";

export function Component() {
  const w = useWords(userWords);
  const create = useCreateUser();
  const save = async (changes: UserFormChanges, write: Write) => {
    const { row } = await create.mutateAsync({ user: changes as NewUser, write });
    const message = changes.invite ? w.invited(row.email) : w.created(fullName(row));
    return { message, to: lastOf(paths.users) };
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.users} label={w.back} />} />
      <UserForm onSave={save} />
    </>
  );
}
