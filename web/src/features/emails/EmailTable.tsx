import { Trash2 } from "lucide-react";
import { Link } from "react-router";
import type { Email } from "../../api/schema";
import { dateTime } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { useIsBlocked } from "../../lib/suppressions";
import type { ListParams } from "../../lib/useListParams";
import { IconButton } from "../../ui/Button";
import { type Column, Table } from "../../ui/Table";
import { ActButton } from "./ActButton";
import { canDelete } from "./api";
import { EmailState } from "./EmailState";
import { emailWords } from "./words";

interface Props {
  emails: readonly Email[];
  stale: boolean;
  list: ListParams;
  onDelete: (email: Email) => void;
}

export function EmailTable({ emails, stale, list, onDelete }: Props) {
  const w = useWords(emailWords);
  const language = useLanguage();
  const isBlocked = useIsBlocked();
  const columns: Column<Email>[] = [
    {
      header: w.email,
      lead: true,
      cell: (email) => (
        <span className="block min-w-0">
          <Link
            to={paths.email(email.id)}
            className="row-link font-medium wrap-anywhere underline decoration-line-strong underline-offset-4 hover:decoration-ink"
          >
            {email.subject || w.noSubject}
          </Link>
          <span className="block text-sm wrap-anywhere text-ink-soft">{email.recipient}</span>
        </span>
      ),
    },
    { header: w.state, sort: "status", cell: (email) => <EmailState email={email} /> },
    {
      header: w.created,
      sort: "created_at",
      cell: (email) => <span className="text-sm">{dateTime(email.created_at, language)}</span>,
    },
    {
      header: w.actions,
      hidden: true,
      align: "right",
      cell: (email) => (
        <span className="flex w-full items-center justify-end gap-1">
          <ActButton email={email} isBlocked={isBlocked(email.recipient)} small />
          <IconButton
            label={w.removeNamed(email.subject || w.noSubject)}
            disabled={!canDelete(email)}
            onClick={() => onDelete(email)}
          >
            <Trash2 className="size-5" aria-hidden />
          </IconButton>
        </span>
      ),
    },
  ];
  return (
    <Table
      caption={w.title}
      columns={columns}
      rows={emails}
      rowKey={(email) => email.id}
      ordering={list.get("ordering")}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}
