import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useParams } from "react-router";
import type { Form } from "../../api/schema";
import { FilterField } from "../../lib/FilterField";
import { readDefinition } from "../../lib/formFields";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useListParams } from "../../lib/useListParams";
import { Filters } from "../../ui/Filters";
import { PageHeader } from "../../ui/Page";
import { Pagination } from "../../ui/Pagination";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { entriesQuery, formQuery } from "./api";
import { COLUMNS, EntryTable } from "./EntryTable";
import { ExportButton } from "./ExportButton";
import { entryWords } from "./words";

const FILTERS = ["created_at__gte", "created_at__lte"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The entries of one form. */
export function Component() {
  const w = useWords(entryWords);
  const { form: id = "" } = useParams();
  const query = useQuery(formQuery(id));
  const title = query.data ? w.entriesOf(query.data.title) : w.title;
  return (
    <>
      <PageHeader
        title={title}
        count={query.data?.entries_count}
        back={<BackTo path={paths.entries} label={w.backToForms} />}
        actions={query.data && query.data.entries_count > 0 && <ExportButton form={query.data.id} />}
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(form) => <Entries form={form} />}
      </Loaded>
    </>
  );
}

function Entries({ form }: { form: Form }) {
  const w = useWords(entryWords);
  const list = useListParams(FILTERS);
  const query = useQuery(entriesQuery(String(form.id), list.query));
  const { fields, unreadable } = useMemo(() => readDefinition(form.fields), [form.fields]);
  const more = fields.length - COLUMNS;
  return (
    <>
      <Filters active={list.isFiltered} onClear={list.clear}>
        <FilterField label={w.since} list={list} name="created_at__gte" type="date" pattern={DAY} />
        <FilterField label={w.until} list={list} name="created_at__lte" type="date" pattern={DAY} />
      </Filters>
      {unreadable.length > 0 && (
        <p className="mb-4 rounded-lg bg-accent-pale px-4 py-3 text-accent-ink">{w.unreadable}</p>
      )}
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {({ count, results }) =>
          count === 0 ? (
            <EmptyState title={w.none} hint={list.isFiltered ? w.noneFiltered : w.noneYet} />
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
