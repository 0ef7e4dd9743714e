import { useParams } from "react-router";
import type { Write } from "../../api/client";
import { fullName } from "../../lib/format";
import { BackTo } from "../../lib/BackTo";
import { BlockedNotice } from "../../lib/BlockedNotice";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { useSuppression } from "../../lib/suppressions";
import { lastOf } from "../../lib/useListParams";
import { useUpdateUser, userQuery, type VersionedUser } from "./api";
import { type UserFormChanges, UserForm } from "./UserForm";
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
  const suppression = useSuppression(user.row.email);
  const save = async (changes: UserFormChanges, write: Write) => {
    const { row } = await update.mutateAsync({ id: user.row.id, changes, write });
    return { message: w.updated(fullName(row)), to: lastOf(paths.users) };
  };
  return (
    <div className="space-y-6">
      {suppression && <BlockedNotice suppression={suppression} />}
      <UserForm user={user} onSave={save} onReload={onReload} />
    </div>
  );
}
