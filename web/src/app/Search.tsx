import { Search as SearchIcon } from "lucide-react";
import { useEffect, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useWords, words } from "../lib/language";
import { paths } from "../lib/paths";
import { useFollowing } from "../lib/useFollowing";

const text = words({ search: "Recherche" }, { search: "Search" });

/** Long enough that a word can be typed. */
const PAUSE_MS = 300;

/**
 * The pill of the top bar. Where the screen `searches`, it is the `search` of the address; anywhere else it leads to the
 * hotels. The key `/` goes there.
 */
export function Search({ searches }: { searches: boolean }) {
  const w = useWords(text);
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const present = searches ? (params.get("search") ?? "") : "";
  // Going back, or clearing the filters, changes it too.
  const [typed, setTyped] = useFollowing(present);
  const input = useRef<HTMLInputElement>(null);
  useSlashKey(input);

  useEffect(() => {
    const wanted = typed.trim();
    if (!searches || wanted === present.trim()) return undefined;
    const pause = setTimeout(() => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          next.delete("page");
          if (wanted) next.set("search", wanted);
          else next.delete("search");
          return next;
        },
        { replace: true },
      );
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, present, searches, setParams]);

  return (
    <search className="min-w-0 flex-1 sm:max-w-72">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = typed.trim();
          if (!searches && wanted) void navigate(`${paths.hotels}?search=${encodeURIComponent(wanted)}`);
        }}
        className="relative"
      >
        <SearchIcon className="pointer-events-none absolute top-3 left-3 size-5 text-ink-soft" aria-hidden />
        <input
          ref={input}
          type="search"
          aria-label={w.search}
          aria-keyshortcuts="/"
          placeholder={w.search}
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className="h-11 w-full rounded-full border border-line-strong bg-white pr-3 pl-10"
        />
      </form>
    </search>
  );
}

function useSlashKey(input: React.RefObject<HTMLInputElement | null>) {
  useEffect(() => {
    const go = (event: KeyboardEvent) => {
      const { target } = event;
      const typing =
        target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      // A dialog keeps the focus to itself.
      if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", go);
    return () => document.removeEventListener("keydown", go);
  }, [input]);
}
