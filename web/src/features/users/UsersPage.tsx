import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
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
import { usersQuery } from "./api";
import { ChangeUser } from "./ChangeUser";
import { DeleteUser } from "./DeleteUser";
import { UserFilters } from "./UserFilters";
import { type Asked, UserTable } from "./UserTable";
import { userWords } from "./words";

const FILTERS = ["is_admin", "is_active"];

export function Component() {
  const w = useWords(userWords);
  const list = useListParams(FILTERS);
  const query = useQuery(usersQuery(list.query));
  useExistingPage(list, query.error);
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const create = (
    <Button asChild>
      <Link to={paths.newUser}>
        <UserPlus className="size-5" aria-hidden />
        {w.create}
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader title={w.title} count={query.data?.count} actions={create} />
      <UserFilters list={list} />
      <Loaded
        query={query}
        list={list}
        filters={{ is_admin: w.role, is_active: w.state }}
        skeleton={<ListSkeleton />}
      >
        {({ count, results }) =>
          count === 0 ? (
            <EmptyState
              title={w.none}
              hint={list.isFiltered ? w.noneFiltered : w.noneYet}
              action={list.isFiltered ? <ClearFilters list={list} /> : create}
            />
          ) : (
            <>
              <UserTable users={results} stale={query.isPlaceholderData} list={list} onAsk={setAsked} />
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
      {asked?.change === "remove" ? (
        <DeleteUser user={asked.user} onClose={close} />
      ) : (
        asked && <ChangeUser user={asked.user} change={asked.change} onClose={close} />
      )}
    </>
  );
}
