import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import { useUser } from "../../api/session";
import { ClearFilters } from "../../lib/ClearFilters";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useExistingPage } from "../../lib/useExistingPage";
import { useListParams } from "../../lib/useListParams";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { Pagination } from "../../ui/Pagination";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { ticketsQuery } from "./api";
import { TicketFilters } from "./TicketFilters";
import { TicketTable } from "./TicketTable";
import { ticketWords } from "./words";

const FILTERS = ["status", "priority", "created_at__gte", "created_at__lte"];
/** An administrator's link to one person's tickets. */
const ADMIN_FILTERS = [...FILTERS, "user"];

export function Component() {
  const w = useWords(ticketWords);
  const { is_admin: isAdmin } = useUser();
  const list = useListParams(isAdmin ? ADMIN_FILTERS : FILTERS);
  const query = useQuery(ticketsQuery(list.query));
  useExistingPage(list, query.error);
  const filters = {
    status: w.status,
    priority: w.priority,
    created_at__gte: w.since,
    created_at__lte: w.until,
    user: w.user,
  };
  const create = (
    <Button asChild>
      <Link to={paths.newTicket}>
        <Plus className="size-5" aria-hidden />
        {w.create}
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader title={w.title} count={query.data?.count} actions={create} />
      <TicketFilters list={list} />
      {isAdmin && list.get("user") && (
        <p className="mb-4 text-ink-soft">{w.ofUser(query.data?.results[0]?.user_name ?? w.ofThisUser)}</p>
      )}
      <Loaded query={query} list={list} filters={filters} skeleton={<ListSkeleton />}>
        {({ count, results }) =>
          count === 0 ? (
            <EmptyState
              title={w.none}
              hint={list.isFiltered ? w.noneFiltered : w.noneYet}
              action={list.isFiltered ? <ClearFilters list={list} /> : create}
            />
          ) : (
            <>
              <TicketTable tickets={results} stale={query.isPlaceholderData} withUser={isAdmin} list={list} />
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
    </>
  );
}
