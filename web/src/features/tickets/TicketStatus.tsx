import { useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { ApiError } from "../../api/error";
import { useExplain } from "../../api/explain";
import type { PartialTicketChanges } from "../../api/schema";
import { useUser } from "../../api/session";
import { useWords } from "../../lib/language";
import { stateWords } from "../../lib/states";
import { Button } from "../../ui/Button";
import { FormError, SelectField } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { useUpdateTicket, type VersionedTicket } from "./api";
import { ticketWords } from "./words";

/** Changes the status: to any for an administrator, between closed and open for the ticket's user. */
export function TicketStatus({ ticket }: { ticket: VersionedTicket }) {
  const w = useWords(ticketWords);
  const states = useWords(stateWords).ticket;
  const explain = useExplain();
  const client = useQueryClient();
  const { is_admin: isAdmin } = useUser();
  const { id, status } = ticket.row;
  const update = useUpdateTicket(id);
  const { error, isPending } = update;
  const set = (wanted: string) => {
    const changes = { status: wanted } as PartialTicketChanges;
    update.mutate(
      { changes, version: ticket.version },
      { onSuccess: ({ row }) => toast.done(w.statusIs(states[row.status] ?? row.status)) },
    );
  };
  const outdated = error instanceof ApiError && (error.kind === "changed" || error.kind === "conflict");
  const reload = () => {
    update.reset();
    void client.invalidateQueries({ queryKey: ["tickets"] });
  };

  return (
    <div className="space-y-3 print:hidden">
      {isAdmin ? (
        <SelectField
          label={w.changeStatus}
          // What was chosen stands there while it is saved, and not if it could not be.
          value={isPending ? (update.variables.changes.status ?? status) : status}
          disabled={isPending}
          aria-busy={isPending || undefined}
          onChange={(event) => set(event.target.value)}
        >
          {Object.entries(states).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
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
      {error && <FormError message={explain(error)} />}
      {outdated && (
        <Button look="secondary" small icon={<RotateCw className="size-4" aria-hidden />} onClick={reload}>
          {w.reload}
        </Button>
      )}
    </div>
  );
}
