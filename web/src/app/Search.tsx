import { Search as SearchIcon } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useWords, words } from "../lib/language";
import { paths } from "../lib/paths";
import { useFollowing } from "../lib/useFollowing";
import { useShortcuts } from "../lib/useShortcuts";

const text = words(
  {
    hotels: "Rechercher un hôtel",
    tickets: "Rechercher un ticket ou #34",
    messages: "Rechercher un message",
    forms: "Rechercher un formulaire",
    users: "Rechercher un utilisateur",
    emails: "Rechercher un e-mail",
    suppressions: "Rechercher une adresse",
    entries: "Rechercher une entrée",
  },
  {
    hotels: "Search hotels",
    tickets: "Search tickets or #34",
    messages: "Search messages",
    forms: "Search forms",
    users: "Search users",
    emails: "Search e-mails",
    suppressions: "Search addresses",
    entries: "Search entries",
  },
);

/** What is searched on each screen that has a search of its own; the first that its address begins with. */
const SCOPES = [
  [paths.tickets, "tickets"],
  [paths.messages, "messages"],
  [paths.forms, "forms"],
  [paths.users, "users"],
  [paths.suppressions, "suppressions"],
  [paths.emails, "emails"],
  [`${paths.entries}/`, "entries"],
  [paths.entries, "forms"],
] as const;

/** Long enough that a word can be typed. */
const PAUSE_MS = 300;

/**
 * The pill of the top bar. Where the screen `searches`, it is the `search` of the address; anywhere else it leads to the
 * hotels. It says which. The number of a ticket, `#34`, leads there from everywhere. The key `/` goes to the pill.
 */
export function Search({ searches }: { searches: boolean }) {
  const w = useWords(text);
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const { pathname } = useLocation();
  const scope = SCOPES.find(([path]) => searches && pathname.startsWith(path))?.[1] ?? "hotels";
  const present = searches ? (params.get("search") ?? "") : "";
  // Going back, or clearing the filters, changes it too.
  const [typed, setTyped] = useFollowing(present, (each) => each.trim());
  const input = useRef<HTMLInputElement>(null);
  const written = useRef<string>(undefined);
  const shortcuts = useMemo(() => ({ "/": () => input.current?.focus() }), []);
  useShortcuts(shortcuts);

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
        // Typing on is no step of its own.
        { replace: written.current === present, preventScrollReset: true },
      );
      written.current = wanted;
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, present, searches, setParams]);

  return (
    <search className="min-w-0 flex-1 sm:max-w-72">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = typed.trim();
          const ticket = /^#(\d+)$/.exec(wanted)?.[1];
          if (ticket) {
            setTyped("");
            void navigate(paths.ticket(ticket));
          } else if (!searches && wanted)
            void navigate(`${paths.hotels}?search=${encodeURIComponent(wanted)}`);
        }}
        className="relative"
      >
        <SearchIcon className="pointer-events-none absolute top-3 left-3 size-5 text-ink-soft" aria-hidden />
        <input
          ref={input}
          type="search"
          aria-label={w[scope]}
          aria-keyshortcuts="/"
          placeholder={w[scope]}
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => {
            written.current = undefined;
          }}
          className="h-11 w-full rounded-full border border-line-strong bg-white pr-3 pl-10 text-ellipsis max-sm:placeholder:text-sm"
        />
      </form>
    </search>
  );
}
