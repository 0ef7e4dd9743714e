import { Link } from "react-router";
import type { Entry } from "../../api/schema";
import { showValue } from "../../lib/answers";
import { dateTime } from "../../lib/format";
import { distinctLabels, type FormField } from "../../lib/formFields";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import type { ListParams } from "../../lib/useListParams";
import { Button } from "../../ui/Button";
import { type Column, Table } from "../../ui/Table";
import { dataOf } from "./data";
import { entryWords } from "./words";

/** As many fields as fit beside each other. */
export const COLUMNS = 4;

interface Props {
  title: string;
  entries: readonly Entry[];
  fields: readonly FormField[];
  list: ListParams;
  stale: boolean;
}

export function EntryTable({ title, entries, fields, list, stale }: Props) {
  const w = useWords(entryWords);
  const language = useLanguage();
  const labels = distinctLabels(fields);
  const columns: Column<Entry>[] = [
    {
      header: w.received,
      sort: "created_at",
      cell: (entry) => <span className="whitespace-nowrap">{dateTime(entry.created_at, language)}</span>,
    },
    ...fields.slice(0, COLUMNS).map((field, index) => ({
      header: columnHeader(labels[index] ?? field.name, field, w.received, w.actions),
      cell: (entry: Entry) => <Value text={showValue(dataOf(entry)?.[field.name], field.type, language)} />,
    })),
    {
      header: w.actions,
      hidden: true,
      align: "right",
      cell: (entry) => (
        <Button look="secondary" small asChild>
          <Link
            to={paths.entry(entry.form, entry.id)}
            className="row-link"
            aria-label={w.seeOf(dateTime(entry.created_at, language))}
          >
            {w.see}
          </Link>
        </Button>
      ),
    },
  ];
  return (
    <Table
      caption={title}
      columns={columns}
      rows={entries}
      rowKey={(entry) => entry.id}
      ordering={list.get("ordering") || "-created_at"}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}

/** A field may be called like a column of ours. */
function columnHeader(label: string, { name }: FormField, ...ours: string[]): string {
  return ours.includes(label) ? `${label} (${name})` : label;
}

function Value({ text }: { text: string }) {
  const w = useWords(entryWords);
  if (text) return <span className="line-clamp-2 break-words">{text}</span>;
  return (
    <span className="text-ink-soft">
      <span aria-hidden>—</span>
      <span className="sr-only">{w.blank}</span>
    </span>
  );
}
