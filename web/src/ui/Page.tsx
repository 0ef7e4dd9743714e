import type { ReactNode } from "react";
import { number } from "../lib/format";
import { useLanguage } from "../lib/language";

interface HeaderProps {
  title: string;
  /** How many rows there are, beside the title. */
  count?: number | undefined;
  /** Where one came from: a link. */
  back?: ReactNode;
  actions?: ReactNode;
}

/**
 * The title of a screen, which is also the document's. It takes the focus after a navigation, so that those who do not
 * see the screen hear where they are.
 */
export function PageHeader({ title, count, back, actions }: HeaderProps) {
  const language = useLanguage();
  return (
    <header className="mb-6 flex flex-wrap items-center justify-between gap-4">
      <title>{`${title} · RED PRODUCT`}</title>
      <div className="flex min-w-0 items-center gap-3">
        {back}
        <h1 tabIndex={-1} className="min-w-0 text-2xl font-light break-words outline-none">
          {title}
          {count !== undefined && <span className="ml-2 text-ink-soft">{number(count, language)}</span>}
        </h1>
      </div>
      {actions && <div className="flex flex-wrap gap-3">{actions}</div>}
    </header>
  );
}
