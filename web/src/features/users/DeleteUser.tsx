import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../../api/error";
import { useExplain } from "../../api/explain";
import type { User } from "../../api/schema";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { ticketCountQuery, useDeleteUser, useUpdateUser } from "./api";
import { userWords } from "./words";

/** Asks whether an account is to be deleted. Where tickets or messages keep it, it can be deactivated instead. */
export function DeleteUser({ user, onClose }: { user: User; onClose: () => void }) {
  const w = useWords(userWords);
  const explain = useExplain();
  const remove = useDeleteUser();
  const update = useUpdateUser();
  const name = fullName(user);
  const { data: tickets = 0, isLoading } = useQuery(ticketCountQuery(user.id));
  const kept = tickets > 0 || (remove.error instanceof ApiError && remove.error.kind === "conflict");
  const why = (then: string) => [tickets > 0 && w.hasTickets(tickets), then].filter(Boolean).join(" ");
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
        body={why(w.alreadyInactive)}
        confirm={w.close}
        look="primary"
        error={remove.error ? explain(remove.error) : undefined}
        onCancel={onClose}
        onConfirm={onClose}
      />
    );
  }
  return (
    <ConfirmDialog
      open
      title={w.removeTitle(name)}
      body={kept ? why(w.changes.deactivate.body) : w.removeBody}
      confirm={kept ? w.deactivateInstead : w.remove}
      busy={isLoading || remove.isPending || update.isPending}
      error={error ? explain(error) : undefined}
      onCancel={onClose}
      onConfirm={() => {
        if (kept) deactivate();
        else remove.mutate(user.id, { onSuccess: () => finish(w.removed(name)) });
      }}
    />
  );
}
