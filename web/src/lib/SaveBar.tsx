import { RotateCw } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useConnected } from "../api/connection";
import { ApiError } from "../api/error";
import { Button } from "../ui/Button";
import { FormError } from "../ui/Field";
import { useWords, words } from "./language";
import { StillWorking } from "./StillWorking";

const text = words(
  { reload: "Recharger et perdre mes modifications" },
  { reload: "Reload and lose my changes" },
);

/** How a form's attempts to save stand. */
interface State {
  isBusy: boolean;
  isSlow: boolean;
  error?: unknown;
  /** Why the last one failed, where no field says it. */
  message: string | undefined;
  cancel: () => void;
  clearError: () => void;
}

interface Props {
  saving: State;
  /** The words on the button. */
  action: string;
  icon?: ReactNode;
  disabled?: boolean | undefined;
  /** Starts again from the row as it is now, where there is one. */
  onReload?: (() => void) | undefined;
  /** Whether the button is as wide as the form on every screen. */
  wide?: boolean;
}

/** The end of a form: its button, and why it could not be saved. */
export function SaveBar({ saving, action, icon, disabled, onReload, wide = false }: Props) {
  const w = useWords(text);
  const { message, error, isBusy, isSlow, cancel, clearError } = saving;
  const isConnected = useConnected();
  const isOffline = error instanceof ApiError && error.kind === "offline";
  // What the message says is over once the connection is back.
  useEffect(() => {
    if (isConnected && isOffline) clearError();
  }, [isConnected, isOffline, clearError]);
  const isOutdated = error instanceof ApiError && (error.kind === "changed" || error.kind === "conflict");
  return (
    <div className="space-y-3">
      <FormError message={message} />
      {message && isOutdated && onReload && (
        <Button look="secondary" small icon={<RotateCw className="size-4" aria-hidden />} onClick={onReload}>
          {w.reload}
        </Button>
      )}
      <div className="flex flex-wrap items-center justify-end gap-3">
        <StillWorking isSlow={isSlow} onCancel={cancel} />
        <Button
          type="submit"
          busy={isBusy}
          disabled={disabled}
          icon={icon}
          className={wide ? "w-full" : "w-full sm:w-auto"}
        >
          {action}
        </Button>
      </div>
    </div>
  );
}
