import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { useParams } from "react-router";
import type { Page } from "../../api/client";
import type { Entry, Form } from "../../api/schema";
import { DateFilter } from "../../lib/FilterField";
import { readDefinition } from "../../lib/formFields";
import { BackTo } from "../../lib/BackTo";
import { ClearFilters } from "../../lib/ClearFilters";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useExistingPage } from "../../lib/useExistingPage";
import { type ListParams, useListParams } from "../../lib/useListParams";
import { Filters } from "../../ui/Filters";
import { PageHeader } from "../../ui/Page";
import { Pagination } from "../../ui/Pagination";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { entriesQuery, formQuery } from "./api";
import { COLUMNS, EntryTable } from "./EntryTable";
import { ExportButton } from "./ExportButton";
import { entryWords } from "./words";

const FILTERS = ["created_at__gte", "created_at__lte"];
/** The entries of one form. */
export function Component() {
  const w = useWords(entryWords);
  const { form: id = "" } = useParams();
  const list = useListParams(FILTERS);
  const form = useQuery(formQuery(id));
  const query = useQuery(entriesQuery(id, list.query));
  useExistingPage(list, query.error);
  return (
    <>
      <PageHeader
        title={form.data ? w.entriesOf(form.data.title) : w.title}
        count={query.data?.count}
        back={<BackTo path={paths.entries} label={w.backToForms} />}
        actions={
          query.data &&
          query.data.count > 0 && (
            <ExportButton
              form={Number(id)}
              query={list.query}
              count={query.data.count}
              isFiltered={list.isFiltered}
            />
          )
        }
      />
      <Loaded query={form} skeleton={<ListSkeleton />}>
        {(of) => <Entries form={of} list={list} query={query} />}
      </Loaded>
    </>
  );
}

interface Props {
  form: Form;
  list: ListParams;
  query: UseQueryResult<Page<Entry>>;
}

function Entries({ form, list, query }: Props) {
  const w = useWords(entryWords);
  const { fields, unreadable } = useMemo(() => readDefinition(form.fields), [form.fields]);
  const more = fields.length - COLUMNS;
  const filters = { created_at__gte: w.since, created_at__lte: w.until };
  return (
    <>
      <Filters active={list.isFiltered} onClear={list.clear}>
        <DateFilter label={w.since} list={list} name="created_at__gte" />
        <DateFilter label={w.until} list={list} name="created_at__lte" />
      </Filters>
      {unreadable.length > 0 && (
        <p className="mb-4 rounded-lg bg-accent-pale px-4 py-3 text-accent-ink">{w.unreadable}</p>
      )}
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
              <EntryTable
                title={w.entriesOf(form.title)}
                entries={results}
                fields={fields}
                list={list}
                stale={query.isPlaceholderData}
              />
              {more > 0 && <p className="mt-3 text-sm text-ink-soft">{w.moreFields(more)}</p>}
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
    </>
  );
}
