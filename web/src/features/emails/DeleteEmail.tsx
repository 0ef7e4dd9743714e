import { useExplain } from "../../api/explain";
import type { Email } from "../../api/schema";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useDeleteEmail } from "./api";
import { emailWords } from "./words";

interface Props {
  email: Email;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks whether `email` is to be deleted. */
export function DeleteEmail({ email, onClose, onDeleted }: Props) {
  const w = useWords(emailWords);
  const explain = useExplain();
  const remove = useDeleteEmail();
  return (
    <ConfirmDialog
      open
      title={w.removeTitle(email.subject || w.noSubject)}
      body={w.removeBody}
      confirm={w.remove}
      busy={remove.isPending}
      error={remove.error ? explain(remove.error) : undefined}
      onCancel={onClose}
      onConfirm={() =>
        remove.mutate(email.id, {
          onSuccess: () => {
            toast.done(w.removed);
            onClose();
            onDeleted?.();
          },
        })
      }
    />
  );
}
