import { type ReactNode, useId } from "react";
import { useWords, words } from "../lib/language";

const text = words({ table: "Voir en tableau" }, { table: "See as a table" });

interface Props {
  title: string;
  /** The table's columns; the first one names the rows. */
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** The figures as a picture. */
  children: ReactNode;
  className?: string;
}

/**
 * A card with a chart and, behind it, the table that it draws. The charts are our own, since a library for them would
 * weigh more than the rest of the dashboard.
 */
export function Chart({ title, columns, rows, children, className = "" }: Props) {
  const w = useWords(text);
  const id = useId();
  return (
    <section aria-labelledby={id} className={`card min-w-0 break-inside-avoid p-5 ${className}`}>
      <h2 id={id} className="mb-4 text-lg">
        {title}
      </h2>
      {children}
      <details className="mt-4">
        <summary className="inline-flex min-h-9 cursor-pointer items-center rounded text-sm text-ink-soft underline print:hidden">
          {w.table}
          <span className="sr-only">, {title}</span>
        </summary>
        <table className="mt-2 w-full text-sm">
          <caption className="sr-only">{title}</caption>
          <thead>
            <tr className="border-b border-line-strong">
              {columns.map((column, index) => (
                <th
                  key={column}
                  scope="col"
                  className={`py-1.5 font-medium ${index === 0 ? "text-left" : "text-right"}`}
                >
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ...values]) => (
              <tr key={name} className="border-b border-line last:border-0">
                <th scope="row" className="py-1.5 text-left font-normal">
                  {name}
                </th>
                {values.map((value, index) => (
                  <td key={columns[index + 1]} className="py-1.5 text-right tabular-nums">
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}
