import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useExplain } from "../../api/explain";
import type { Ticket } from "../../api/schema";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { GIVES_UP } from "../../lib/UnsavedGuard";
import { lastOf } from "../../lib/useListParams";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useDeleteTicket } from "./api";
import { ticketWords } from "./words";

interface Props {
  ticket: Ticket;
  /** Not where the API refuses it. The question stays open, so that a refusal can be read. */
  isOffered: boolean;
}

/** The button that deletes a ticket once it was asked whether that is meant; then the list is what remains. */
export function DeleteTicket({ ticket, isOffered }: Props) {
  const w = useWords(ticketWords);
  const explain = useExplain();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const remove = useDeleteTicket();
  return (
    <>
      {isOffered && (
        <Button
          look="secondary"
          icon={<Trash2 className="size-5" aria-hidden />}
          onClick={() => {
            remove.reset();
            setAsked(true);
          }}
        >
          {w.remove}
        </Button>
      )}
      <ConfirmDialog
        open={asked}
        title={w.removeTitle(ticket.title)}
        body={w.removeBody}
        confirm={w.remove}
        busy={remove.isPending}
        error={remove.error ? explain(remove.error) : undefined}
        onCancel={() => setAsked(false)}
        onConfirm={() =>
          remove.mutate(ticket.id, {
            onSuccess: () => {
              toast.done(w.removed(ticket.title));
              setAsked(false);
              void navigate(lastOf(paths.tickets), { state: GIVES_UP });
            },
          })
        }
      />
    </>
  );
}
