import { Link } from "react-router";
import type { User } from "../../api/schema";
import { useUser } from "../../api/session";
import { date, fullName } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { useIsBlocked } from "../../lib/suppressions";
import type { ListParams } from "../../lib/useListParams";
import { Avatar } from "../../ui/Avatar";
import { Badge } from "../../ui/Badge";
import { type Column, Table } from "../../ui/Table";
import type { Change } from "./ChangeUser";
import { UserMenu } from "./UserMenu";
import { userWords } from "./words";

/** What is to be confirmed. */
export interface Asked {
  user: User;
  change: Change | "remove";
}

interface Props {
  users: readonly User[];
  stale: boolean;
  list: ListParams;
  onAsk: (asked: Asked) => void;
}

export function UserTable({ users, stale, list, onAsk }: Props) {
  const w = useWords(userWords);
  const language = useLanguage();
  const isBlocked = useIsBlocked();
  const columns: Column<User>[] = [
    {
      header: w.person,
      lead: true,
      sort: "email",
      cell: (user) => <Who user={user} isBlocked={isBlocked(user.email)} />,
    },
    { header: w.phoneShort, cell: (user) => <span className="whitespace-nowrap">{user.phone || "–"}</span> },
    {
      header: w.role,
      cell: ({ is_admin }) => (is_admin ? <Badge tone="busy">{w.admin}</Badge> : <Badge>{w.user}</Badge>),
    },
    {
      header: w.state,
      cell: ({ is_active }) =>
        is_active ? <Badge tone="good">{w.active}</Badge> : <Badge tone="bad">{w.inactive}</Badge>,
    },
    { header: w.since, sort: "created_at", cell: (user) => date(user.created_at, language) },
    {
      header: w.actions,
      hidden: true,
      align: "right",
      cell: (user) => <UserMenu user={user} onAsk={(change) => onAsk({ user, change })} />,
    },
  ];
  return (
    <Table
      caption={w.title}
      columns={columns}
      rows={users}
      rowKey={(user) => user.id}
      ordering={list.get("ordering")}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}

function Who({ user, isBlocked }: { user: User; isBlocked: boolean }) {
  const w = useWords(userWords);
  const me = useUser();
  const name = fullName(user);
  return (
    <span className="inline-flex min-w-0 items-center gap-3">
      <Avatar person={user} />
      <span className="min-w-0">
        <span className="block font-medium break-words">
          <Link to={paths.editUser(user.id)} className="row-link hover:underline">
            {name}
          </Link>
          {user.id === me.id && <span className="font-normal text-ink-soft"> ({w.you})</span>}
        </span>
        {name !== user.email && <span className="block text-sm break-all text-ink-soft">{user.email}</span>}
        {isBlocked && <Badge tone="bad">{w.blocked}</Badge>}
      </span>
    </span>
  );
}
