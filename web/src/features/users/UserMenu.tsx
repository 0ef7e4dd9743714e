import {
  EllipsisVertical,
  Pencil,
  ShieldMinus,
  ShieldPlus,
  Ticket,
  Trash2,
  UserRoundCheck,
  UserRoundX,
} from "lucide-react";
import { Link } from "react-router";
import type { User } from "../../api/schema";
import { useUser } from "../../api/session";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { IconButton } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import type { Change } from "./ChangeUser";
import { userWords } from "./words";

const ICONS = {
  deactivate: UserRoundX,
  activate: UserRoundCheck,
  promote: ShieldPlus,
  demote: ShieldMinus,
};

/** What can be done with an account. Nobody locks themselves out: for one's own, what could do that is not there. */
export function UserMenu({ user, onAsk }: { user: User; onAsk: (change: Change | "remove") => void }) {
  const w = useWords(userWords);
  const me = useUser();
  const changes: Change[] = [
    user.is_admin ? "demote" : "promote",
    user.is_active ? "deactivate" : "activate",
  ];
  return (
    <Menu
      trigger={
        <IconButton label={w.actionsFor(fullName(user))}>
          <EllipsisVertical className="size-5" aria-hidden />
        </IconButton>
      }
    >
      <MenuItem asChild>
        <Link to={paths.editUser(user.id)}>
          <Pencil className="size-5" aria-hidden />
          {w.edit}
        </Link>
      </MenuItem>
      <MenuItem asChild>
        <Link to={`${paths.tickets}?user=${user.id}`}>
          <Ticket className="size-5" aria-hidden />
          {w.tickets}
        </Link>
      </MenuItem>
      {user.id !== me.id && (
        <>
          {changes.map((change) => {
            const Icon = ICONS[change];
            return (
              <MenuItem key={change} onSelect={() => onAsk(change)}>
                <Icon className="size-5" aria-hidden />
                {w.changes[change].label}
              </MenuItem>
            );
          })}
          <MenuItem danger onSelect={() => onAsk("remove")}>
            <Trash2 className="size-5" aria-hidden />
            {w.remove}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
