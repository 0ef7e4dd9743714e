import { Link } from "react-router";
import type { Ticket } from "../../api/schema";
import { dateTime } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import type { ListParams } from "../../lib/useListParams";
import { type Column, Table } from "../../ui/Table";
import { PriorityBadge, StatusBadge } from "./TicketBadges";
import { ticketWords } from "./words";

interface Props {
  tickets: readonly Ticket[];
  stale: boolean;
  /** Whether tickets of several people may be among them. */
  withUser: boolean;
  list: ListParams;
}

export function TicketTable({ tickets, stale, withUser, list }: Props) {
  const w = useWords(ticketWords);
  const language = useLanguage();
  const user: Column<Ticket> = { header: w.user, cell: (ticket) => ticket.user_name };
  const columns: Column<Ticket>[] = [
    {
      header: w.subject,
      sort: "title",
      lead: true,
      cell: (ticket) => (
        <span className="flex min-w-0 items-baseline gap-2">
          <span className="text-sm text-ink-soft tabular-nums">#{ticket.id}</span>
          <Link
            to={paths.ticket(ticket.id)}
            className="row-link min-w-0 py-1 font-medium break-words underline-offset-4 hover:underline"
          >
            {ticket.title}
          </Link>
        </span>
      ),
    },
    { header: w.status, sort: "status", cell: (ticket) => <StatusBadge status={ticket.status} /> },
    { header: w.priority, sort: "priority", cell: (ticket) => <PriorityBadge priority={ticket.priority} /> },
    ...(withUser ? [user] : []),
    { header: w.createdAt, sort: "created_at", cell: (ticket) => dateTime(ticket.created_at, language) },
  ];
  return (
    <Table
      caption={w.title}
      columns={columns}
      rows={tickets}
      rowKey={(ticket) => ticket.id}
      ordering={list.get("ordering")}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}
