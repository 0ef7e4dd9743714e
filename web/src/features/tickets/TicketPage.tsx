import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { useUser } from "../../api/session";
import { dateTime } from "../../lib/format";
import { BackTo } from "../../lib/BackTo";
import { useLanguage, useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { threadQuery, ticketQuery, type VersionedTicket } from "./api";
import { ClosedNote } from "./ClosedNote";
import { DeleteTicket } from "./DeleteTicket";
import { Thread } from "./Thread";
import { PriorityBadge, StatusBadge } from "./TicketBadges";
import { TicketStatus } from "./TicketStatus";
import { useAgreement } from "./useAgreement";
import { ticketWords } from "./words";

export function Component() {
  const w = useWords(ticketWords);
  const { id = "" } = useParams();
  const { id: me, is_admin: isAdmin } = useUser();
  const query = useQuery(ticketQuery(id));
  const thread = useInfiniteQuery({ ...threadQuery(id), enabled: !query.error });
  const ticket = query.data?.row;
  const comments = thread.data?.pages.flatMap((page) => page.results) ?? [];
  useAgreement({
    ticket,
    change: thread.hasNextPage ? undefined : comments.findLast(({ kind }) => kind === "status"),
    isFetching: query.isFetching || thread.isFetching,
  });
  const isAnswered = ticket?.status !== "open" || comments.some(({ author }) => author !== me);
  return (
    <>
      <PageHeader
        title={ticket ? `#${ticket.id} ${ticket.title}` : w.ticket(id)}
        back={<BackTo path={paths.tickets} label={w.back} />}
        actions={
          ticket && (
            <>
              {(isAdmin || ticket.status !== "closed") && (
                <Button look="secondary" asChild>
                  <Link to={paths.editTicket(ticket.id)}>
                    <Pencil className="size-5" aria-hidden />
                    {w.edit}
                  </Link>
                </Button>
              )}
              <DeleteTicket ticket={ticket} isOffered={isAdmin || !isAnswered} />
            </>
          )
        }
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(ticket) => (
          <div className="grid items-start gap-6 lg:grid-cols-[1fr_18rem]">
            <Facts ticket={ticket} />
            <div className="min-w-0 space-y-6 lg:order-first">
              <section aria-label={w.description} className="card p-4 break-words whitespace-pre-wrap sm:p-5">
                {ticket.row.description}
              </section>
              <Thread
                key={id}
                id={id}
                query={thread}
                note={ticket.row.status === "closed" && <ClosedNote ticket={ticket} />}
              />
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function Facts({ ticket }: { ticket: VersionedTicket }) {
  const w = useWords(ticketWords);
  const language = useLanguage();
  const { row } = ticket;
  return (
    <div className="card space-y-4 p-4 sm:p-5">
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-1">
        <Fact name={w.status} value={<StatusBadge status={row.status} />} />
        <Fact name={w.priority} value={<PriorityBadge priority={row.priority} />} />
        <Fact name={w.user} value={row.user_name} />
        <Fact name={w.createdAt} value={dateTime(row.created_at, language)} />
        <Fact name={w.updatedAt} value={dateTime(row.updated_at, language)} />
      </dl>
      <TicketStatus ticket={ticket} />
    </div>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd className="break-words">{value}</dd>
    </div>
  );
}
