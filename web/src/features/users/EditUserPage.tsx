import { useParams } from "react-router";
import type { Write } from "../../api/client";
import type { PartialUserChanges } from "../../api/schema";
import { fullName } from "../../lib/format";
import { BackTo } from "../../lib/BackTo";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { useUpdateUser, userQuery, type VersionedUser } from "./api";
import { UserForm } from "./UserForm";
import { userWords } from "./words";

export function Component() {
  const w = useWords(userWords);
  const { id = "" } = useParams();
  return (
    <EditPage title={w.editTitle} back={<BackTo path={paths.users} label={w.back} />} query={userQuery(id)}>
      {(user, reload) => <Edit user={user} onReload={reload} />}
    </EditPage>
  );
}

function Edit({ user, onReload }: { user: VersionedUser; onReload: () => void }) {
  const w = useWords(userWords);
  const update = useUpdateUser();
  const save = async (changes: PartialUserChanges, write: Write) => {
    const { row } = await update.mutateAsync({ id: user.row.id, changes, write });
    return { message: w.updated(fullName(row)), to: lastOf(paths.users) };
  };
  return <UserForm user={user} onSave={save} onReload={onReload} />;
}
