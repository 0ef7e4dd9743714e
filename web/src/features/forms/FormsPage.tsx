import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Form } from "../../api/schema";
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
import { formsQuery } from "./api";
import { DeleteForm } from "./DeleteForm";
import { FormFilters } from "./FormFilters";
import { FormTable } from "./FormTable";
import { formWords } from "./words";

const FILTERS = ["is_active"];

export function Component() {
  const w = useWords(formWords);
  const { is_admin: isAdmin } = useUser();
  const list = useListParams(FILTERS);
  const query = useQuery(formsQuery(list.query));
  useExistingPage(list, query.error);
  const [deleted, setDeleted] = useState<Form>();
  const create = isAdmin && (
    <Button asChild>
      <Link to={paths.newForm}>
        <Plus className="size-5" aria-hidden />
        {w.create}
      </Link>
    </Button>
  );
  const none = isAdmin ? w.noneYet : w.noneOpen;

  return (
    <>
      <PageHeader title={w.title} count={query.data?.count} actions={create} />
      <FormFilters list={list} isAdmin={isAdmin} />
      <Loaded query={query} list={list} filters={{ is_active: w.state }} skeleton={<ListSkeleton />}>
        {({ count, results }) =>
          count === 0 ? (
            <EmptyState
              title={w.none}
              hint={list.isFiltered ? w.noneFiltered : none}
              action={list.isFiltered ? <ClearFilters list={list} /> : create}
            />
          ) : (
            <>
              <FormTable
                forms={results}
                stale={query.isPlaceholderData}
                list={list}
                onDelete={isAdmin ? setDeleted : undefined}
              />
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
      <DeleteForm form={deleted} onClose={() => setDeleted(undefined)} />
    </>
  );
}
