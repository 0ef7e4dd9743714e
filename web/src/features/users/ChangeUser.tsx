import { useExplain } from "../../api/explain";
import type { User } from "../../api/schema";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useUpdateUser } from "./api";
import { userWords } from "./words";

const CHANGES = {
  deactivate: { is_active: false },
  activate: { is_active: true },
  promote: { is_admin: true },
  demote: { is_admin: false },
};

export type Change = keyof typeof CHANGES;

/** Asks whether an account is to be changed in one respect. */
export function ChangeUser({ user, change, onClose }: { user: User; change: Change; onClose: () => void }) {
  const w = useWords(userWords).changes[change];
  const explain = useExplain();
  const update = useUpdateUser();
  return (
    <ConfirmDialog
      open
      title={w.title(fullName(user))}
      body={w.body}
      confirm={w.label}
      look={change === "activate" || change === "promote" ? "primary" : "danger"}
      busy={update.isPending}
      error={update.error ? explain(update.error) : undefined}
      onCancel={onClose}
      onConfirm={() =>
        update.mutate(
          { id: user.id, changes: CHANGES[change] },
          {
            onSuccess: () => {
              toast.done(w.done(fullName(user)));
              onClose();
            },
          },
        )
      }
    />
  );
}
