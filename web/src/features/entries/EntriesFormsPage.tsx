import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Form } from "../../api/schema";
import { number } from "../../lib/format";
import { ClearFilters } from "../../lib/ClearFilters";
import { useLanguage, useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useExistingPage } from "../../lib/useExistingPage";
import { type ListParams, useListParams } from "../../lib/useListParams";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { PageHeader } from "../../ui/Page";
import { Pagination } from "../../ui/Pagination";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { type Column, Table } from "../../ui/Table";
import { formsQuery } from "./api";
import { entryWords } from "./words";

const FILTERS: readonly string[] = [];

/** The forms, to choose one whose entries are looked at. */
export function Component() {
  const w = useWords(entryWords);
  const list = useListParams(FILTERS);
  const query = useQuery(formsQuery(list.query));
  useExistingPage(list, query.error);
  return (
    <>
      <PageHeader title={w.title} />
      <p className="-mt-3 mb-4 text-ink-soft print:hidden">{w.choose}</p>
      <Filters active={list.isFiltered} onClear={list.clear}>
        <SelectField
          label={w.sort}
          value={list.get("ordering") || "-created_at"}
          onChange={(event) => list.set({ ordering: event.target.value })}
        >
          {Object.entries(w.formSorts).map(([ordering, label]) => (
            <option key={ordering} value={ordering}>
              {label}
            </option>
          ))}
        </SelectField>
      </Filters>
      <Loaded query={query} list={list} skeleton={<ListSkeleton />}>
        {({ count, results }) =>
          count === 0 ? (
            <NoForm list={list} />
          ) : (
            <>
              <Forms forms={results} list={list} stale={query.isPlaceholderData} />
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function NoForm({ list }: { list: ListParams }) {
  const w = useWords(entryWords);
  return (
    <EmptyState
      title={w.noForm}
      hint={list.isFiltered ? w.noFormFiltered : w.noFormHint}
      action={
        list.isFiltered ? (
          <ClearFilters list={list} />
        ) : (
          <Button look="secondary" asChild>
            <Link to={paths.forms}>{w.toForms}</Link>
          </Button>
        )
      }
    />
  );
}

function Forms({ forms, list, stale }: { forms: readonly Form[]; list: ListParams; stale: boolean }) {
  const w = useWords(entryWords);
  const language = useLanguage();
  const columns: Column<Form>[] = [
    {
      header: w.form,
      sort: "title",
      cell: (form) => (
        <Link
          to={paths.entriesOf(form.id)}
          className="row-link inline-flex min-h-6 min-w-0 items-center font-medium break-words hover:underline"
        >
          {form.title}
        </Link>
      ),
    },
    {
      header: w.state,
      cell: (form) => (form.is_active ? <Badge tone="good">{w.active}</Badge> : <Badge>{w.inactive}</Badge>),
    },
    { header: w.count, align: "right", cell: (form) => number(form.entries_count, language) },
  ];
  return (
    <Table
      caption={w.title}
      columns={columns}
      rows={forms}
      rowKey={(form) => form.id}
      ordering={list.get("ordering")}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}
