import { useExplain } from "../../api/explain";
import type { Hotel } from "../../api/schema";
import { useWords } from "../../lib/language";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useDeleteHotel } from "./api";
import { hotelWords } from "./words";

/** Asks whether `hotel` is to be deleted, where there is one. */
export function DeleteHotel({ hotel, onClose }: { hotel: Hotel | undefined; onClose: () => void }) {
  const w = useWords(hotelWords);
  const explain = useExplain();
  const remove = useDeleteHotel();
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      open={hotel !== undefined}
      title={w.removeTitle(hotel?.name ?? "")}
      body={w.removeBody}
      confirm={w.remove}
      busy={remove.isPending}
      error={remove.error ? explain(remove.error) : undefined}
      onCancel={close}
      onConfirm={() => {
        if (!hotel) return;
        remove.mutate(hotel.id, {
          onSuccess: () => {
            toast.done(w.removed(hotel.name));
            close();
          },
        });
      }}
    />
  );
}
