import { useQuery } from "@tanstack/react-query";
import { MailX, Send } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Email } from "../../api/schema";
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
import { emailsQuery } from "./api";
import { DeleteEmail } from "./DeleteEmail";
import { EmailFilters } from "./EmailFilters";
import { EmailTable } from "./EmailTable";
import { emailWords } from "./words";

const FILTERS = ["status", "is_sent", "created_at__gte", "created_at__lte"];

export function Component() {
  const w = useWords(emailWords);
  const list = useListParams(FILTERS);
  const query = useQuery(emailsQuery(list.query));
  useExistingPage(list, query.error);
  const [deleted, setDeleted] = useState<Email>();
  const filters = {
    status: w.state,
    is_sent: w.sent,
    created_at__gte: w.since,
    created_at__lte: w.until,
  };
  return (
    <>
      <PageHeader
        title={w.title}
        count={query.data?.count}
        actions={
          <>
            <Button look="secondary" asChild>
              <Link to={paths.suppressions}>
                <MailX className="size-5" aria-hidden />
                {w.suppressions}
              </Link>
            </Button>
            <Button asChild>
              <Link to={paths.newEmail}>
                <Send className="size-5" aria-hidden />
                {w.compose}
              </Link>
            </Button>
          </>
        }
      />
      <EmailFilters list={list} />
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
              <EmailTable
                emails={results}
                stale={query.isPlaceholderData}
                list={list}
                onDelete={setDeleted}
              />
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
      {deleted && <DeleteEmail email={deleted} onClose={() => setDeleted(undefined)} />}
    </>
  );
}
