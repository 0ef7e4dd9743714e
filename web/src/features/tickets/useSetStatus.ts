import { useExplain } from "../../api/explain";
import type { TicketStatus } from "../../api/schema";
import { useWords } from "../../lib/language";
import { stateWords } from "../../lib/states";
import { toast } from "../../ui/Toast";
import { useUpdateTicket, type VersionedTicket } from "./api";
import { ticketWords } from "./words";

/** Sets the status of a ticket, and offers to undo that for as long as the toast is shown. */
export function useSetStatus(ticket: VersionedTicket) {
  const w = useWords(ticketWords);
  const states = useWords(stateWords).ticket;
  const explain = useExplain();
  const { mutateAsync, isPending, error } = useUpdateTicket(ticket.row.id);
  const before = ticket.row.status;

  const undo = async (version: string | undefined) => {
    try {
      const { row } = await mutateAsync({ changes: { status: before }, write: { version } });
      toast.done(w.statusIs(states[row.status] ?? row.status));
    } catch (failure) {
      toast.failed(explain(failure));
    }
  };
  const set = async (status: TicketStatus) => {
    const { row, version } = await mutateAsync({ changes: { status }, write: { version: ticket.version } });
    toast.done(w.statusIs(states[row.status] ?? row.status), {
      label: w.undo,
      run: () => void undo(version),
    });
  };

  return {
    isPending,
    error,
    set: (status: string) => {
      if (isPending || status === before) return;
      // What goes wrong is `error`.
      set(status as TicketStatus).catch(() => undefined);
    },
  };
}
