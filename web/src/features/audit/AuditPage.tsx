import { useQueries, useQuery } from "@tanstack/react-query";
import type { AuditEvent } from "../../api/schema";
import { fullName } from "../../lib/format";
import { ClearFilters } from "../../lib/ClearFilters";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { useExistingPage } from "../../lib/useExistingPage";
import { useListParams } from "../../lib/useListParams";
import { PageHeader } from "../../ui/Page";
import { Pagination } from "../../ui/Pagination";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { actorQuery, auditQuery } from "./api";
import { AuditFilters } from "./AuditFilters";
import { AuditLine } from "./AuditLine";
import { auditWords } from "./words";

const FILTERS = ["action", "resource", "actor", "object_id", "created_at__gte", "created_at__lte"];

export function Component() {
  const w = useWords(auditWords);
  const list = useListParams(FILTERS);
  const query = useQuery(auditQuery(list.query));
  useExistingPage(list, query.error);
  const nameOf = useNames(query.data?.results ?? []);

  const filters = {
    action: w.action,
    resource: w.resource,
    actor: w.actorFilter,
    object_id: w.objectId,
    created_at__gte: w.since,
    created_at__lte: w.until,
  };
  return (
    <>
      <PageHeader title={w.title} count={query.data?.count} />
      <AuditFilters list={list} nameOf={nameOf} />
      <Loaded query={query} list={list} filters={filters} skeleton={<ListSkeleton />}>
        {({ count, results }) =>
          count === 0 ? (
            <EmptyState
              title={w.none}
              hint={list.isFiltered ? w.noneFiltered : w.noneYet}
              action={list.isFiltered && <ClearFilters list={list} />}
            />
          ) : (
            <>
              <ol
                aria-label={w.list}
                aria-busy={query.isPlaceholderData}
                className={`card divide-y divide-line transition-opacity ${query.isPlaceholderData ? "opacity-60" : ""}`}
              >
                {results.map((event) => (
                  <AuditLine
                    key={event.id}
                    event={event}
                    name={event.actor === null ? undefined : nameOf(event.actor)}
                    onActor={(actor) => list.set({ actor: String(actor) })}
                  />
                ))}
              </ol>
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

/** The names of those who did something, as they are now. A line itself knows only the e-mail of that time. */
function useNames(events: readonly AuditEvent[]) {
  const emails = new Map(events.map(({ actor, actor_email: email }) => [actor ?? 0, email]));
  const actors = [...emails].filter(([, email]) => email);
  const found = useQueries({ queries: actors.map(([id, email]) => actorQuery(id, email)) });
  const names = new Map(found.flatMap(({ data }) => (data ? [[data.id, fullName(data)] as const] : [])));
  return (actor: number) => names.get(actor) ?? emails.get(actor);
}
