import { useQuery } from "@tanstack/react-query";
import {
  BedDouble,
  ClipboardList,
  FileText,
  type LucideIcon,
  Mail,
  MessageSquare,
  Ticket,
  Users,
} from "lucide-react";
import { Link } from "react-router";
import type { Dashboard } from "../../api/schema";
import { useUser } from "../../api/session";
import { number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { unreadQuery } from "../../lib/unread";
import { countQuery } from "./api";
import { COLORS } from "./colors";
import { FIGURES_GRID } from "./grids";
import { dashboardWords } from "./words";

/** A card for each thing that the reader may see, which leads to its list. */
export function Figures({ dashboard }: { dashboard: Dashboard }) {
  const w = useWords(dashboardWords);
  const language = useLanguage();
  const figure = (value: number) => number(value, language);
  const { is_admin: isAdmin } = useUser();
  const { counts, tickets_by_status: tickets, emails_by_status: emails } = dashboard;
  // Whoever is no administrator sees active ones only.
  const forms = useCount("/forms/", "is_active", isAdmin) ?? (isAdmin ? undefined : counts.forms);
  const hotels = useCount("/hotels/", "is_active", isAdmin) ?? (isAdmin ? undefined : counts.hotels);
  const admins = useCount("/users/", "is_admin", isAdmin);
  const { unread = dashboard.unread_messages } = useQuery(unreadQuery).data ?? {};
  const received = dashboard.activity.reduce((sum, day) => sum + (day.entries ?? 0), 0);
  const queued = (emails.pending ?? 0) + (emails.sending ?? 0);
  const say = (count: number | undefined, words: (n: number, figure: string) => string) =>
    count === undefined ? undefined : words(count, figure(count));

  const cards: CardProps[] = [
    { name: "forms", to: paths.forms, icon: FileText, count: counts.forms, line: say(forms, w.active) },
    {
      name: "messages",
      to: paths.messages,
      icon: MessageSquare,
      count: counts.messages,
      line: say(unread, w.unread),
    },
    { name: "users", to: paths.users, icon: Users, count: counts.users, line: say(admins, w.admins) },
    {
      name: "emails",
      to: paths.emails,
      icon: Mail,
      count: counts.emails,
      line: w.queued(figure(queued), figure(emails.failed ?? 0)),
    },
    { name: "hotels", to: paths.hotels, icon: BedDouble, count: counts.hotels, line: say(hotels, w.active) },
    {
      name: "entries",
      to: paths.entries,
      icon: ClipboardList,
      count: counts.entries,
      line: say(received, w.received),
    },
    {
      name: "tickets",
      to: paths.tickets,
      icon: Ticket,
      count: counts.tickets,
      line: say(tickets.open ?? 0, w.open),
    },
  ];
  return (
    <section aria-label={w.figures}>
      <ul className={FIGURES_GRID}>
        {cards.map((card) => card.count !== null && <Card key={card.name} {...card} />)}
      </ul>
    </section>
  );
}

/** Left out where it cannot be known. */
function useCount(path: string, filter: string, enabled: boolean): number | undefined {
  return useQuery({ ...countQuery(path, filter), enabled }).data;
}

interface CardProps {
  name: keyof typeof COLORS;
  to: string;
  icon: LucideIcon;
  count: number | null;
  line: string | undefined;
}

function Card({ name, to, icon: Icon, count, line }: CardProps) {
  const w = useWords(dashboardWords);
  const language = useLanguage();
  return (
    <li className="min-w-0">
      <Link
        to={to}
        className="card flex h-full flex-col gap-x-4 gap-y-2 p-4 transition-shadow hover:shadow-md sm:flex-row sm:items-center sm:p-5"
      >
        <span
          aria-hidden
          style={{ backgroundColor: COLORS[name] }}
          className="inline-flex size-12 shrink-0 items-center justify-center rounded-full text-white forced-color-adjust-none sm:size-14 [print-color-adjust:exact]"
        >
          <Icon className="size-6" />
        </span>
        <span className="min-w-0">
          <span className="block text-[2rem] leading-10 font-light">{number(count ?? 0, language)}</span>
          <span className="block truncate">{w[name]}</span>
          {/* The room is there before the figure is. */}
          <span className="block min-h-5 text-sm text-ink-soft">{line}</span>
        </span>
      </Link>
    </li>
  );
}
