import { useExplain } from "../../api/explain";
import type { Suppression } from "../../api/schema";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useLiftSuppression } from "./api";
import { emailWords } from "./words";

/** Asks whether an address may be written to again. */
export function LiftSuppression({ suppression, onClose }: { suppression: Suppression; onClose: () => void }) {
  const w = useWords(emailWords);
  const explain = useExplain();
  const lift = useLiftSuppression();
  const { id, recipient } = suppression;
  return (
    <ConfirmDialog
      open
      title={w.liftTitle(recipient)}
      body={w.liftBody}
      confirm={w.lift}
      look="primary"
      busy={lift.isPending}
      error={lift.error ? explain(lift.error) : undefined}
      onCancel={onClose}
      onConfirm={() =>
        lift.mutate(id, {
          onSuccess: () => {
            toast.done(w.lifted(recipient));
            onClose();
          },
        })
      }
    />
  );
}
