import { Bell, LogOut, Menu as MenuIcon, UserRound } from "lucide-react";
import { Link, useMatches, useNavigate } from "react-router";
import { useUser } from "../api/session";
import { fullName } from "../lib/format";
import { type Language, setLanguage, useLanguage, useWords, words } from "../lib/language";
import { askToSignOut } from "../lib/leaving";
import { paths } from "../lib/paths";
import { useUnread } from "../lib/unread";
import { Avatar } from "../ui/Avatar";
import { IconButton } from "../ui/Button";
import { Menu, MenuItem } from "../ui/Menu";
import type { Handle } from "./screens";
import { Search } from "./Search";
import { useSaveLanguage } from "./useSaveLanguage";

const text = words(
  {
    open: "Ouvrir le menu",
    unread: (n: number) => (n === 0 ? "Messages, aucun non lu" : `Messages, ${n} non lu${n > 1 ? "s" : ""}`),
    account: "Mon compte",
    profile: "Mon profil",
    other: "English",
    signOut: "Se déconnecter",
  },
  {
    open: "Open the menu",
    unread: (n: number) => (n === 0 ? "Messages, none unread" : `Messages, ${n} unread`),
    account: "My account",
    profile: "My profile",
    other: "Français",
    signOut: "Sign out",
  },
);

const OTHER: Record<Language, Language> = { fr: "en", en: "fr" };

export function TopBar({ onMenu }: { onMenu: () => void }) {
  const w = useWords(text);
  const language = useLanguage();
  const user = useUser();
  const navigate = useNavigate();
  const saveLanguage = useSaveLanguage();
  const switchTo = (next: Language) => {
    setLanguage(next);
    saveLanguage(next);
  };
  const handles = useMatches().map((match) => match.handle as Handle | undefined);
  const handle = handles.findLast((each) => each?.title);
  return (
    <header className="sticky top-(--banner) z-30 flex h-16 items-center gap-2 border-b border-line bg-white px-2 sm:px-6 print:hidden">
      <IconButton label={w.open} onClick={onMenu} className="lg:hidden">
        <MenuIcon className="size-6" aria-hidden />
      </IconButton>
      <p className="hidden min-w-0 flex-1 truncate text-xl sm:block">{handle?.title?.[language]}</p>
      <Search searches={handle?.searches ?? false} />
      <Unreads label={w.unread} />
      <Menu
        trigger={
          <button
            type="button"
            aria-label={`${w.account}, ${fullName(user)}`}
            className="cursor-pointer rounded-full p-0.5"
          >
            <Avatar person={user} />
          </button>
        }
      >
        <MenuItem onSelect={() => void navigate(paths.profile)}>
          <UserRound className="size-5" aria-hidden />
          {w.profile}
        </MenuItem>
        <MenuItem onSelect={() => switchTo(OTHER[language])}>
          <span className="w-5 text-center text-sm font-medium uppercase" aria-hidden>
            {OTHER[language]}
          </span>
          <span lang={OTHER[language]}>{w.other}</span>
        </MenuItem>
      </Menu>
      <IconButton label={w.signOut} onClick={askToSignOut}>
        <LogOut className="size-5" aria-hidden />
      </IconButton>
    </header>
  );
}

/** How many messages wait to be read. */
function Unreads({ label }: { label: (unread: number) => string }) {
  const unread = useUnread();
  return (
    <Link
      to={paths.messages}
      aria-label={label(unread)}
      className="relative inline-flex size-11 shrink-0 items-center justify-center rounded-full text-ink-soft hover:bg-page hover:text-ink"
    >
      <Bell className="size-5" aria-hidden />
      {unread > 0 && (
        <span
          aria-hidden
          className="absolute top-0.5 right-0 min-w-5 rounded-full bg-accent px-1 text-center text-xs leading-5 font-medium text-ink"
        >
          {unread > 99 ? "99+" : unread}
        </span>
      )}
    </Link>
  );
}
