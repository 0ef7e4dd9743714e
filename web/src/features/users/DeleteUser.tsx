import { ApiError } from "../../api/error";
import { useExplain } from "../../api/explain";
import type { User } from "../../api/schema";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useDeleteUser, useUpdateUser } from "./api";
import { userWords } from "./words";

/** Asks whether an account is to be deleted. Where tickets or messages keep it, it can be deactivated instead. */
export function DeleteUser({ user, onClose }: { user: User; onClose: () => void }) {
  const w = useWords(userWords);
  const explain = useExplain();
  const remove = useDeleteUser();
  const update = useUpdateUser();
  const name = fullName(user);
  const kept = remove.error instanceof ApiError && remove.error.kind === "conflict";
  const error = update.error ?? remove.error;
  const finish = (said: string) => {
    toast.done(said);
    onClose();
  };
  const deactivate = () =>
    update.mutate(
      { id: user.id, changes: { is_active: false } },
      { onSuccess: () => finish(w.changes.deactivate.done(name)) },
    );

  if (kept && !user.is_active) {
    return (
      <ConfirmDialog
        open
        title={w.removeTitle(name)}
        body={w.alreadyInactive}
        confirm={w.close}
        look="primary"
        error={explain(remove.error)}
        onCancel={onClose}
        onConfirm={onClose}
      />
    );
  }
  return (
    <ConfirmDialog
      open
      title={w.removeTitle(name)}
      body={kept ? w.changes.deactivate.body : w.removeBody}
      confirm={kept ? w.deactivateInstead : w.remove}
      busy={remove.isPending || update.isPending}
      error={error ? explain(error) : undefined}
      onCancel={onClose}
      onConfirm={() => {
        if (kept) deactivate();
        else remove.mutate(user.id, { onSuccess: () => finish(w.removed(name)) });
      }}
    />
  );
}
