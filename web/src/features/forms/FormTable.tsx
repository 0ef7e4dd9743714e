import { PencilLine } from "lucide-react";
import { Link } from "react-router";
import type { Form } from "../../api/schema";
import { date, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import type { ListParams } from "../../lib/useListParams";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { type Column, Table } from "../../ui/Table";
import { FormActions } from "./FormActions";
import { formWords } from "./words";

interface Props {
  forms: readonly Form[];
  stale: boolean;
  list: ListParams;
  /** Where the reader may change forms. */
  onDelete: ((form: Form) => void) | undefined;
}

/** Administrators see what becomes of each form; everybody else, what there is to fill in. */
export function FormTable({ forms, stale, list, onDelete }: Props) {
  const w = useWords(formWords);
  return (
    <Table
      caption={w.title}
      columns={useColumns(onDelete)}
      rows={forms}
      rowKey={(form) => form.id}
      ordering={list.get("ordering")}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}

function useColumns(onDelete: Props["onDelete"]): Column<Form>[] {
  const w = useWords(formWords);
  const language = useLanguage();
  const created: Column<Form> = {
    header: w.created,
    sort: "created_at",
    cell: (form) => date(form.created_at, language),
  };
  if (!onDelete) {
    return [
      { header: w.name, sort: "title", cell: (form) => <Title form={form} /> },
      created,
      { header: w.actions, hidden: true, align: "right", cell: (form) => <Fill form={form} /> },
    ];
  }
  return [
    { header: w.name, sort: "title", cell: (form) => <Title form={form} to={paths.editForm(form.id)} /> },
    {
      header: w.state,
      cell: (form) => (form.is_active ? <Badge tone="good">{w.active}</Badge> : <Badge>{w.inactive}</Badge>),
    },
    {
      header: w.entries,
      align: "right",
      cell: (form) => (
        <Link
          to={paths.entriesOf(form.id)}
          aria-label={w.entriesOf(number(form.entries_count, language), form.title)}
          className="inline-flex min-h-6 min-w-6 items-center justify-end rounded underline"
        >
          {number(form.entries_count, language)}
        </Link>
      ),
    },
    created,
    {
      header: w.actions,
      hidden: true,
      align: "right",
      cell: (form) => <FormActions form={form} onDelete={onDelete} />,
    },
  ];
}

function Title({ form, to }: { form: Form; to?: string }) {
  return (
    <span className="block min-w-0 break-words">
      {to ? (
        <Link to={to} className="row-link font-medium hover:underline">
          {form.title}
        </Link>
      ) : (
        <span className="font-medium">{form.title}</span>
      )}
      {form.description && (
        <span className="line-clamp-2 text-sm text-ink-soft max-md:hidden">{form.description}</span>
      )}
    </span>
  );
}

function Fill({ form }: { form: Form }) {
  const w = useWords(formWords);
  return (
    <Button small asChild>
      <Link to={paths.publicForm(form.id)} aria-label={w.fillNamed(form.title)} className="row-link">
        <PencilLine className="size-4" aria-hidden />
        {w.fill}
      </Link>
    </Button>
  );
}
