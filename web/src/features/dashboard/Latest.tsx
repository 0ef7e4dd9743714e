import { Children, type ReactNode, useId } from "react";
import { Link } from "react-router";
import { useWords } from "../../lib/language";
import { dashboardWords } from "./words";

interface Props {
  title: string;
  /** Where all of them are. */
  all: string;
  none: string;
  /** Items of a list. */
  children: ReactNode;
}

/** A card with the first few of a list. */
export function Latest({ title, all, none, children }: Props) {
  const w = useWords(dashboardWords);
  const id = useId();
  const empty = Children.count(children) === 0;
  return (
    <section aria-labelledby={id} className="card min-w-0 break-inside-avoid pb-2">
      <div className="flex items-center justify-between gap-4 px-5 pt-4 pb-1">
        <h2 id={id} className="text-lg">
          {title}
        </h2>
        <Link
          to={all}
          className="inline-flex min-h-9 items-center rounded text-sm whitespace-nowrap underline print:hidden"
        >
          {w.all}
          <span className="sr-only">, {title}</span>
        </Link>
      </div>
      {empty ? (
        <p className="px-5 py-4 text-ink-soft">{none}</p>
      ) : (
        <ul className="divide-y divide-line">{children}</ul>
      )}
    </section>
  );
}
