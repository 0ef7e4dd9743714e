import { X } from "lucide-react";
import { AlertDialog, Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import { useWords, words } from "../lib/language";
import { Button, IconButton } from "./Button";

const text = words({ close: "Fermer", cancel: "Annuler" }, { close: "Close", cancel: "Cancel" });

const VEIL = "fixed inset-0 z-40 bg-black/50";
const CARD =
  "fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-card bg-white p-6 shadow-xl";

/**
 * Gives the focus back to what had it before the dialog. Dialogs are opened by a state, so that Radix knows no button to
 * return to.
 */
function useReturningFocus() {
  const before = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: () => {
      before.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (before.current instanceof HTMLElement) before.current.focus();
    },
  };
}

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** A sentence below the title. */
  description?: string;
  wide?: boolean;
  children: ReactNode;
}

export function Dialog({ open, onClose, title, description, wide, children }: DialogProps) {
  const w = useWords(text);
  const focus = useReturningFocus();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          {...focus}
          className={`${CARD} ${wide ? "max-w-3xl" : "max-w-lg"}`}
          {...(!description && { "aria-describedby": undefined })}
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <Radix.Title className="text-xl font-medium break-words">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-ink-soft">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label={w.close} className="-mt-2 -mr-2">
                <X className="size-5" aria-hidden />
              </IconButton>
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  title: string;
  body: ReactNode;
  /** The words on the button that does it. */
  confirm: string;
  /** Red, unless it harms nothing. */
  look?: "danger" | "primary";
  cancel?: string;
  busy?: boolean;
  /** What came of the attempt, where it failed. */
  error?: string | undefined;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog(props: ConfirmProps) {
  const w = useWords(text);
  const { open, title, body, confirm, look = "danger", cancel = w.cancel } = props;
  const { busy = false, error, onConfirm, onCancel } = props;
  const focus = useReturningFocus();
  // A second click may come before the caller says that it is busy.
  const [isConfirmed, setIsConfirmed] = useState(false);
  const [seen, setSeen] = useState({ open, busy });
  if (seen.open !== open || seen.busy !== busy) {
    setSeen({ open, busy });
    if (!busy) setIsConfirmed(false);
  }
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onCancel()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={VEIL} />
        <AlertDialog.Content {...focus} className={`${CARD} max-w-md`}>
          <AlertDialog.Title className="text-xl font-medium break-words">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-ink-soft">{body}</AlertDialog.Description>
          {error && (
            <p role="alert" className="mt-3 text-sm text-danger">
              {error}
            </p>
          )}
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <AlertDialog.Cancel asChild>
              <Button look="secondary">{cancel}</Button>
            </AlertDialog.Cancel>
            <Button
              look={look}
              busy={busy || isConfirmed}
              onClick={() => {
                setIsConfirmed(true);
                onConfirm();
              }}
            >
              {confirm}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
