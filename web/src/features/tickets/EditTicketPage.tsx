import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { PartialTicketChanges } from "../../api/schema";
import { useUser } from "../../api/session";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { toast } from "../../ui/Toast";
import { ticketQuery, useUpdateTicket, type VersionedTicket } from "./api";
import { TicketForm } from "./TicketForm";
import { ticketWords } from "./words";

export function Component() {
  const w = useWords(ticketWords);
  const { id = "" } = useParams();
  // Read once, and again only when asked to: nobody's typing is overwritten from behind.
  const query = useQuery({
    ...ticketQuery(id),
    queryKey: ["tickets", "edited", id],
    staleTime: Infinity,
    gcTime: 0,
  });
  const [attempt, setAttempt] = useState(0);
  const reload = async () => {
    await query.refetch();
    setAttempt((before) => before + 1);
  };
  return (
    <>
      <PageHeader
        title={w.editTitle}
        back={
          <BackLink>
            <Link to={paths.ticket(id)} aria-label={w.backToTicket} />
          </BackLink>
        }
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(ticket) => <Edit key={attempt} ticket={ticket} onReload={() => void reload()} />}
      </Loaded>
    </>
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
