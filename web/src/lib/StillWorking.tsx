import { Button } from "../ui/Button";
import { useWords, words } from "./language";

const text = words(
  { slow: "Toujours en cours…", cancel: "Annuler" },
  { slow: "Still working…", cancel: "Cancel" },
);

/** Says that a request takes longer than usual, and offers to cancel it. */
export function StillWorking({ isSlow, onCancel }: { isSlow: boolean; onCancel: () => void }) {
  const w = useWords(text);
  return (
    <div role="status" className="flex items-center gap-3 text-sm text-ink-soft">
      {isSlow && (
        <>
          <span>{w.slow}</span>
          <Button look="secondary" small onClick={onCancel}>
            {w.cancel}
          </Button>
        </>
      )}
    </div>
  );
}
