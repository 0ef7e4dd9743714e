import { ChevronLeft, ChevronRight } from "lucide-react";
import { number } from "../lib/format";
import { useLanguage, useWords, words } from "../lib/language";
import { IconButton } from "./Button";

const text = words(
  {
    label: "Pages",
    previous: "Page précédente",
    next: "Page suivante",
    range: (from: string, to: string, of: string) => `${from}–${to} sur ${of}`,
  },
  {
    label: "Pages",
    previous: "Previous page",
    next: "Next page",
    range: (from: string, to: string, of: string) => `${from}–${to} of ${of}`,
  },
);

interface Props {
  page: number;
  count: number;
  /** How many rows a page has. */
  size?: number;
  onPage: (page: number) => void;
}

export function Pagination({ page, count, size = 10, onPage }: Props) {
  const w = useWords(text);
  const language = useLanguage();
  if (count <= size && page === 1) return null;
  const pages = Math.max(1, Math.ceil(count / size));
  const [from, to] = [(page - 1) * size + 1, Math.min(page * size, count)];
  return (
    <nav aria-label={w.label} className="mt-4 flex items-center justify-end gap-2 print:hidden">
      <span aria-live="polite" className="text-sm text-ink-soft">
        {w.range(number(from, language), number(to, language), number(count, language))}
      </span>
      <IconButton label={w.previous} disabled={page <= 1} onClick={() => onPage(Math.min(page - 1, pages))}>
        <ChevronLeft className="size-5" aria-hidden />
      </IconButton>
      <IconButton label={w.next} disabled={page >= pages} onClick={() => onPage(page + 1)}>
        <ChevronRight className="size-5" aria-hidden />
      </IconButton>
    </nav>
  );
}
