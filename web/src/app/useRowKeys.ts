import { useShortcuts } from "../lib/useShortcuts";

/** The links that open the rows of a list: stretched over their row, or the whole row themselves. */
const LINKS = "main .row-link, main [data-row]";

const KEYS = { j: () => step(1), k: () => step(-1) };

/** `j` and `k` move from row to row of every list; Enter opens the row, since its link has the focus. */
export function useRowKeys() {
  useShortcuts(KEYS);
}

function step(by: 1 | -1) {
  const links = [...document.querySelectorAll<HTMLElement>(LINKS)].filter((link) => link.checkVisibility());
  const row = document.activeElement?.closest("tr, li");
  const here = links.findIndex((link) => link === document.activeElement || row?.contains(link));
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
  links[next]?.focus();
}
