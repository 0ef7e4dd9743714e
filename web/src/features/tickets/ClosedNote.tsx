import { useExplain } from "../../api/explain";
import { useWords } from "../../lib/language";
import { Button } from "../../ui/Button";
import { FormError } from "../../ui/Field";
import type { VersionedTicket } from "./api";
import { useSetStatus } from "./useSetStatus";
import { ticketWords } from "./words";

/** Tells whoever writes about a closed ticket that it is closed. Everybody who sees a ticket may reopen it. */
export function ClosedNote({ ticket }: { ticket: VersionedTicket }) {
  const w = useWords(ticketWords);
  const explain = useExplain();
  const { set, isPending, error } = useSetStatus(ticket);
  return (
    <div className="mb-4 space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-lg bg-accent-pale px-4 py-2 text-accent-ink">
        <p className="min-w-0 flex-1 basis-60">{w.closedNote}</p>
        <Button look="secondary" small busy={isPending} onClick={() => set("open")}>
          {w.reopenShort}
        </Button>
      </div>
      {error && <FormError message={explain(error)} />}
    </div>
  );
}
