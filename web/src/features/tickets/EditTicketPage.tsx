import { Link, useNavigate, useParams } from "react-router";
import type { PartialTicketChanges } from "../../api/schema";
import { useUser } from "../../api/session";
import { BackTo } from "../../lib/BackTo";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/States";
import { toast } from "../../ui/Toast";
import { ticketQuery, useUpdateTicket, type VersionedTicket } from "./api";
import { TicketForm } from "./TicketForm";
import { ticketWords } from "./words";

export function Component() {
  const w = useWords(ticketWords);
  const { id = "" } = useParams();
  return (
    <EditPage
      title={w.editTitle}
      back={<BackTo path={paths.ticket(id)} label={w.backToTicket} />}
      query={ticketQuery(id)}
    >
      {(ticket, reload) => <Edit ticket={ticket} onReload={reload} />}
    </EditPage>
  );
}

function Edit({ ticket, onReload }: { ticket: VersionedTicket; onReload: () => void }) {
  const w = useWords(ticketWords);
  const { is_admin: isAdmin } = useUser();
  const navigate = useNavigate();
  const { id, status } = ticket.row;
  const update = useUpdateTicket(id);
  if (status === "closed" && !isAdmin) {
    return (
      <EmptyState
        title={w.closedTitle}
        hint={w.closedHint}
        action={
          <Button asChild>
            <Link to={paths.ticket(id)}>{w.backToTicket}</Link>
          </Button>
        }
      />
    );
  }
  const save = async (changes: PartialTicketChanges) => {
    const { row } = await update.mutateAsync({ changes, version: ticket.version });
    toast.done(w.updated(row.title));
    await navigate(paths.ticket(id));
  };
  return <TicketForm ticket={ticket.row} onSave={save} error={update.error} onReload={onReload} />;
}
