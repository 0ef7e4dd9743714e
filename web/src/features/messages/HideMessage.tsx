import { useExplain } from "../../api/explain";
import type { Message } from "../../api/schema";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useHideMessage } from "./api";
import { messageWords } from "./words";

interface Props {
  message: Message | undefined;
  onHidden: (id: number) => void;
  onClose: () => void;
}

/** Asks whether `message` is to disappear for the reader, where there is one. */
export function HideMessage({ message, onHidden, onClose }: Props) {
  const w = useWords(messageWords);
  const explain = useExplain();
  const hide = useHideMessage();
  const close = () => {
    hide.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      open={message !== undefined}
      title={w.removeTitle}
      body={w.removeBody}
      confirm={w.remove}
      busy={hide.isPending}
      error={hide.error ? explain(hide.error) : undefined}
      onCancel={close}
      onConfirm={() => {
        if (!message) return;
        hide.mutate(message.id, {
          onSuccess: () => {
            onHidden(message.id);
            toast.done(w.removed);
            close();
          },
        });
      }}
    />
  );
}
