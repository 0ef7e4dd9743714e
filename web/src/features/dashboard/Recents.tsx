import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Dashboard } from "../../api/schema";
import { useUser } from "../../api/session";
import { ago, fullName } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { stateWords, TONES } from "../../lib/states";
import { paths } from "../../lib/paths";
import { Badge } from "../../ui/Badge";
import { Latest } from "./Latest";
import { dashboardWords } from "./words";

export function RecentTickets({ tickets }: { tickets: Dashboard["recent_tickets"] }) {
  const w = useWords(dashboardWords);
  const states = useWords(stateWords);
  return (
    <Latest title={w.recentTickets} all={paths.tickets} none={w.noTickets}>
      {tickets.map(({ id, title, status, user_name: name, created_at: at }) => (
        <Row key={id} to={paths.ticket(id)} name={`#${id} ${title}`} below={name} at={at}>
          <Badge tone={TONES.ticket[status] ?? "neutral"}>{states.ticket[status] ?? status}</Badge>
        </Row>
      ))}
    </Latest>
  );
}

export function RecentMessages({ messages }: { messages: Dashboard["recent_messages"] }) {
  const w = useWords(dashboardWords);
  const { id: me } = useUser();
  return (
    <Latest title={w.recentMessages} all={paths.messages} none={w.noMessages}>
      {messages.map(({ id, sender, recipient, content, is_read: isRead, created_at: at }) => {
        const received = recipient.id === me;
        const other = received ? sender : recipient;
        const name = `${received ? w.from : w.to} ${fullName(other)}`;
        return (
          <Row key={id} to={paths.conversation(other.id)} name={name} below={content} at={at}>
            {received && !isRead && <Badge tone="busy">{w.isUnread}</Badge>}
          </Row>
        );
      })}
    </Latest>
  );
}

export function RecentEmails({ emails }: { emails: Dashboard["recent_emails"] }) {
  const w = useWords(dashboardWords);
  const states = useWords(stateWords);
  return (
    <Latest title={w.recentEmails} all={paths.emails} none={w.noEmails}>
      {emails.map(({ id, recipient, subject, status, created_at: at }) => (
        <Row key={id} to={paths.email(id)} name={subject} below={recipient} at={at}>
          <Badge tone={TONES.email[status] ?? "neutral"}>{states.email[status] ?? status}</Badge>
        </Row>
      ))}
    </Latest>
  );
}

interface RowProps {
  to: string;
  name: string;
  below: string;
  at: string;
  children: ReactNode;
}

function Row({ to, name, below, at, children }: RowProps) {
  const language = useLanguage();
  return (
    <li>
      <Link data-row to={to} className="flex items-center gap-3 rounded px-5 py-3 hover:bg-page/60">
        <span className="min-w-0 flex-1">
          <span className="block truncate">{name}</span>
          <span className="block truncate text-sm text-ink-soft">{below}</span>
          <time dateTime={at} className="block text-sm text-ink-soft">
            {ago(at, language)}
          </time>
        </span>
        {children}
      </Link>
    </li>
  );
}
