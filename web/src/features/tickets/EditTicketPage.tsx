import { Link, useParams } from "react-router";
import type { Write } from "../../api/client";
import type { PartialTicketChanges } from "../../api/schema";
import { useUser } from "../../api/session";
import { BackTo } from "../../lib/BackTo";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/States";
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
  const save = async (changes: PartialTicketChanges, write: Write) => {
    const { row } = await update.mutateAsync({ changes, write });
    return { message: w.updated(row.title), to: paths.ticket(id) };
  };
  return <TicketForm ticket={ticket} onSave={save} onReload={onReload} />;
}
