import { RotateCw } from "lucide-react";
import { ApiError } from "../api/error";
import { Button } from "../ui/Button";
import { FormError } from "../ui/Field";
import { useWords, words } from "./language";

const text = words(
  { reload: "Recharger et perdre mes modifications" },
  { reload: "Reload and lose my changes" },
);

interface Props {
  message: string | undefined;
  /** What was thrown. */
  error: unknown;
  onReload: () => void;
}

/** Why a form could not be saved. Where somebody else was faster, it can start again from their version. */
export function SaveError({ message, error, onReload }: Props) {
  const w = useWords(text);
  if (!message) return null;
  const outdated = error instanceof ApiError && (error.kind === "changed" || error.kind === "conflict");
  return (
    <div className="space-y-3">
      <FormError message={message} />
      {outdated && (
        <Button look="secondary" small icon={<RotateCw className="size-4" aria-hidden />} onClick={onReload}>
          {w.reload}
        </Button>
      )}
    </div>
  );
}
