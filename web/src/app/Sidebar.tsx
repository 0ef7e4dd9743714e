import {
  BedDouble,
  ClipboardList,
  FileText,
  LayoutGrid,
  type LucideIcon,
  Mail,
  MessageSquare,
  ScrollText,
  Ticket,
  Users,
  X,
} from "lucide-react";
import { Link, NavLink } from "react-router";
import { useConnected } from "../api/connection";
import { useUser } from "../api/session";
import { fullName } from "../lib/format";
import { useWords, words } from "../lib/language";
import { paths } from "../lib/paths";
import { Avatar } from "../ui/Avatar";
import { Logo } from "../ui/Logo";

const text = words(
  {
    label: "Navigation principale",
    close: "Fermer le menu",
    main: "Principal",
    admin: "Administration",
    dashboard: "Tableau de bord",
    hotels: "Liste des hôtels",
    tickets: "Tickets",
    messages: "Messages",
    emails: "E-mails",
    forms: "Formulaires",
    entries: "Entrées",
    users: "Utilisateurs",
    audit: "Journal d'audit",
    online: "en ligne",
    offline: "hors ligne",
    profile: "Mon profil",
  },
  {
    label: "Main navigation",
    close: "Close the menu",
    main: "Main",
    admin: "Administration",
    dashboard: "Dashboard",
    hotels: "Hotels",
    tickets: "Tickets",
    messages: "Messages",
    emails: "E-mails",
    forms: "Forms",
    entries: "Entries",
    users: "Users",
    audit: "Audit log",
    online: "online",
    offline: "offline",
    profile: "My profile",
  },
);

/** The way to every screen that is for this person. */
export function Sidebar({ onClose }: { onClose?: () => void }) {
  const w = useWords(text);
  const user = useUser();
  const isConnected = useConnected();
  return (
    <nav
      aria-label={w.label}
      className="on-slate slate-pattern flex h-full flex-col overflow-y-auto text-white"
    >
      <div className="flex items-center justify-between px-6 py-5">
        <Link to={paths.dashboard} onClick={onClose} className="rounded">
          <Logo />
        </Link>
        {onClose && (
          <button
            type="button"
            aria-label={w.close}
            onClick={onClose}
            className="-mr-3 flex size-11 cursor-pointer items-center justify-center rounded-full hover:bg-white/10"
          >
            <X className="size-5" aria-hidden />
          </button>
        )}
      </div>
      <div className="flex-1 px-4 pb-4">
        <p className="px-4 py-2 text-sm text-white/85">{w.main}</p>
        <ul className="space-y-1">
          <Item to={paths.dashboard} onClick={onClose} icon={LayoutGrid} label={w.dashboard} />
          <Item to={paths.hotels} onClick={onClose} icon={BedDouble} label={w.hotels} />
          <Item to={paths.tickets} onClick={onClose} icon={Ticket} label={w.tickets} />
          <Item to={paths.messages} onClick={onClose} icon={MessageSquare} label={w.messages} />
          {user.is_admin && <Item to={paths.emails} onClick={onClose} icon={Mail} label={w.emails} />}
          <Item to={paths.forms} onClick={onClose} icon={FileText} label={w.forms} />
          {user.is_admin && (
            <Item to={paths.entries} onClick={onClose} icon={ClipboardList} label={w.entries} />
          )}
        </ul>
        {user.is_admin && (
          <>
            <p className="mt-4 px-4 py-2 text-sm text-white/85">{w.admin}</p>
            <ul className="space-y-1">
              <Item to={paths.users} onClick={onClose} icon={Users} label={w.users} />
              <Item to={paths.audit} onClick={onClose} icon={ScrollText} label={w.audit} />
            </ul>
          </>
        )}
      </div>
      <Link
        to={paths.profile}
        onClick={onClose}
        className="flex items-center gap-3 border-t border-white/20 px-6 py-4 hover:bg-white/5"
      >
        <Avatar person={user} />
        <span className="min-w-0">
          <span className="block truncate">{fullName(user)}</span>
          <span className="flex items-center gap-2 text-sm text-white/90">
            <span
              className={`size-2 rounded-full ${isConnected ? "bg-online" : "border border-white"}`}
              aria-hidden
            />
            {isConnected ? w.online : w.offline}
            <span className="sr-only">, {w.profile}</span>
          </span>
        </span>
      </Link>
    </nav>
  );
}

interface ItemProps {
  to: string;
  onClick: (() => void) | undefined;
  icon: LucideIcon;
  label: string;
}

function Item({ to, onClick, icon: Icon, label }: ItemProps) {
  return (
    <li>
      <NavLink
        to={to}
        onClick={onClick}
        className={({ isActive }) =>
          `flex min-h-11 items-center gap-3 rounded-lg px-4 ${isActive ? "bg-white font-medium text-slate-skin" : "hover:bg-white/10"}`
        }
      >
        <Icon className="size-5 shrink-0" aria-hidden />
        {label}
      </NavLink>
    </li>
  );
}
