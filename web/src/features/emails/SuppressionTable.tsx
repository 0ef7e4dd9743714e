import type { Suppression } from "../../api/schema";
import { dateTime } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import type { ListParams } from "../../lib/useListParams";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { type Column, Table } from "../../ui/Table";
import { emailWords } from "./words";

interface Props {
  suppressions: readonly Suppression[];
  stale: boolean;
  list: ListParams;
  onLift: (suppression: Suppression) => void;
}

export function SuppressionTable({ suppressions, stale, list, onLift }: Props) {
  const w = useWords(emailWords);
  const language = useLanguage();
  const columns: Column<Suppression>[] = [
    {
      header: w.recipient,
      lead: true,
      sort: "recipient",
      cell: ({ recipient }) => <span className="font-medium wrap-anywhere">{recipient}</span>,
    },
    { header: w.reason, cell: ({ reason }) => <Badge tone="bad">{w.reasons[reason] ?? reason}</Badge> },
    {
      header: w.blockedOn,
      sort: "created_at",
      cell: ({ created_at }) => dateTime(created_at, language),
    },
    {
      header: w.actions,
      hidden: true,
      align: "right",
      cell: (suppression) => (
        <Button
          look="secondary"
          small
          aria-label={w.liftNamed(suppression.recipient)}
          onClick={() => onLift(suppression)}
        >
          {w.lift}
        </Button>
      ),
    },
  ];
  return (
    <Table
      caption={w.suppressions}
      columns={columns}
      rows={suppressions}
      rowKey={({ id }) => id}
      ordering={list.get("ordering")}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}
