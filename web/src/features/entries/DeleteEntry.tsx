import { useExplain } from "../../api/explain";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useDeleteEntry } from "./api";
import { entryWords } from "./words";

interface Props {
  /** The entry to delete, where there is one. */
  id: number | undefined;
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteEntry({ id, onClose, onDeleted }: Props) {
  const w = useWords(entryWords);
  const explain = useExplain();
  const remove = useDeleteEntry();
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      open={id !== undefined}
      title={w.removeTitle(String(id ?? ""))}
      body={w.removeBody}
      confirm={w.remove}
      busy={remove.isPending}
      error={remove.error ? explain(remove.error) : undefined}
      onCancel={close}
      onConfirm={() => {
        if (id === undefined) return;
        remove.mutate(id, {
          onSuccess: () => {
            toast.done(w.removed);
            close();
            onDeleted();
          },
        });
      }}
    />
  );
}
