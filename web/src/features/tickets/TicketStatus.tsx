import { ChevronDown } from "lucide-react";
import { ApiError } from "../../api/error";
import { useExplain } from "../../api/explain";
import { useUser } from "../../api/session";
import { useWords } from "../../lib/language";
import { stateWords } from "../../lib/states";
import { Button } from "../../ui/Button";
import { FormError } from "../../ui/Field";
import { Menu, MenuChoices } from "../../ui/Menu";
import type { VersionedTicket } from "./api";
import { useSetStatus } from "./useSetStatus";
import { ticketWords } from "./words";

/** Changes the status: to any for an administrator, between closed and open for the ticket's user. */
export function TicketStatus({ ticket }: { ticket: VersionedTicket }) {
  const w = useWords(ticketWords);
  const states = useWords(stateWords).ticket;
  const explain = useExplain();
  const { is_admin: isAdmin } = useUser();
  const { status } = ticket.row;
  const { set, isPending, error } = useSetStatus(ticket);
  const isOutdated = error instanceof ApiError && error.kind === "changed";

  return (
    <div className="space-y-3 print:hidden">
      {isAdmin ? (
        <Menu
          trigger={
            <Button look="secondary" busy={isPending} className="w-full">
              {w.changeStatus}
              <ChevronDown className="size-4" aria-hidden />
            </Button>
          }
        >
          <MenuChoices value={status} choices={states} onChoose={set} />
        </Menu>
      ) : (
        <Button
          look="secondary"
          busy={isPending}
          onClick={() => set(status === "closed" ? "open" : "closed")}
          className="w-full"
        >
          {status === "closed" ? w.reopen : w.close}
        </Button>
      )}
      {error && <FormError message={isOutdated ? w.changedMeanwhile : explain(error)} />}
    </div>
  );
}
