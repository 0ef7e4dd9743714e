import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { useWords, words } from "../lib/language";

const text = words({ sort: "trier", actions: "Actions" }, { sort: "sort", actions: "Actions" });

export interface Column<T> {
  /** What stands above it; for those who do not see it only, where `hidden`. */
  header: string;
  cell: (row: T) => ReactNode;
  /** The name that the API sorts by. */
  sort?: string;
  hidden?: boolean;
  /** Tells which row it is: on a phone it heads the card, without the header beside it. */
  lead?: boolean;
  align?: "right";
}

interface Props<T> {
  /** What the table is of. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  /** As the API takes it: a name, with a minus in front for the opposite direction. */
  ordering?: string;
  onOrder?: (ordering: string) => void;
  /** Rows of an earlier question, while the present one is under way. */
  stale?: boolean;
}

/**
 * Rows and columns; on a phone each row is a card, with the header beside each value. A link with the class `row-link`
 * opens the row: it can be pressed anywhere.
 */
export function Table<T>({ caption, columns, rows, rowKey, ordering = "", onOrder, stale }: Props<T>) {
  return (
    <div className={`card overflow-x-auto transition-opacity ${stale ? "opacity-60" : ""}`} aria-busy={stale}>
      {/* Written out, since a table that is displayed as blocks is none to a screen reader. */}
      <table role="table" className="table-cards w-full text-left">
        <caption className="sr-only">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row" className="border-b border-line">
            {columns.map((column) => (
              <Header key={column.header} column={column} ordering={ordering} onOrder={onOrder} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr
              role="row"
              key={rowKey(row)}
              className="linked-row border-b border-line last:border-0 hover:bg-page/60"
            >
              {columns.map((column) => (
                <td
                  role="cell"
                  key={column.header}
                  data-label={column.hidden || column.lead ? undefined : column.header}
                  className={`px-4 py-3 align-middle ${column.align === "right" ? "md:text-right" : ""}`}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeaderProps<T> {
  column: Column<T>;
  ordering: string;
  onOrder: ((ordering: string) => void) | undefined;
}

function Header<T>({ column, ordering, onOrder }: HeaderProps<T>) {
  const w = useWords(text);
  const { header, sort, hidden, align } = column;
  const look = `px-4 py-3 text-sm font-medium text-ink-soft ${align === "right" ? "text-right" : ""}`;
  if (!sort || !onOrder) {
    return (
      <th role="columnheader" scope="col" className={look}>
        <span className={hidden ? "sr-only" : ""}>{header}</span>
      </th>
    );
  }
  const direction = ordering === sort ? "ascending" : ordering === `-${sort}` ? "descending" : "none";
  const Icon = { ascending: ArrowUp, descending: ArrowDown, none: ArrowUpDown }[direction];
  return (
    <th role="columnheader" scope="col" aria-sort={direction} className={look}>
      <button
        type="button"
        onClick={() => onOrder(direction === "ascending" ? `-${sort}` : sort)}
        className="inline-flex cursor-pointer items-center gap-1 rounded hover:text-ink"
      >
        {header}
        <span className="sr-only">, {w.sort}</span>
        <Icon className={`size-4 print:hidden ${direction === "none" ? "opacity-40" : ""}`} aria-hidden />
      </button>
    </th>
  );
}
