import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { PartialUserChanges } from "../../api/schema";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { toast } from "../../ui/Toast";
import { useUpdateUser, userQuery, type VersionedUser } from "./api";
import { UserForm } from "./UserForm";
import { userWords } from "./words";

export function Component() {
  const w = useWords(userWords);
  const { id = "" } = useParams();
  // Read once, and again only when asked to: nobody's typing is overwritten from behind.
  const query = useQuery({ ...userQuery(id), staleTime: Infinity, gcTime: 0 });
  const [attempt, setAttempt] = useState(0);
  const reload = async () => {
    await query.refetch();
    setAttempt((before) => before + 1);
  };
  return (
    <>
      <PageHeader
        title={w.editTitle}
        back={
          <BackLink>
            <Link to={paths.users} aria-label={w.back} />
          </BackLink>
        }
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(user) => <Edit key={attempt} user={user} onReload={() => void reload()} />}
      </Loaded>
    </>
  );
}

function Edit({ user, onReload }: { user: VersionedUser; onReload: () => void }) {
  const w = useWords(userWords);
  const navigate = useNavigate();
  const update = useUpdateUser();
  const save = async (changes: PartialUserChanges) => {
    const { row } = await update.mutateAsync({ id: user.row.id, changes, version: user.version });
    toast.done(w.updated(fullName(row)));
    await navigate(paths.users);
  };
  return <UserForm user={user.row} onSave={save} error={update.error} onReload={onReload} />;
}
