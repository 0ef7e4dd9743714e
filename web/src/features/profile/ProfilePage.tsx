import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useUser } from "../../api/session";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { Badge } from "../../ui/Badge";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { profileQuery } from "./api";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import { Sessions } from "./Sessions";
import { profileWords } from "./words";

export function Component() {
  const w = useWords(profileWords);
  const { is_admin: isAdmin } = useUser();
  // Read once, and again only when asked to: nobody's typing is overwritten from behind.
  const query = useQuery({ ...profileQuery, staleTime: Infinity, gcTime: 0 });
  const [attempt, setAttempt] = useState(0);
  const reload = async () => {
    await query.refetch();
    setAttempt((before) => before + 1);
  };
  return (
    <>
      <PageHeader title={w.title} />
      <p className="mb-6 flex flex-wrap items-center gap-3">
        <span className="sr-only">{w.role}</span>
        {isAdmin ? <Badge tone="busy">{w.admin}</Badge> : <Badge tone="info">{w.user}</Badge>}
        <span className="text-ink-soft">{isAdmin ? w.adminHelp : w.userHelp}</span>
      </p>
      <div className="mb-6 grid gap-6 xl:grid-cols-[3fr_2fr]">
        <Loaded query={query} skeleton={<ListSkeleton rows={5} />}>
          {(profile) => <ProfileForm key={attempt} profile={profile} onReload={() => void reload()} />}
        </Loaded>
        <PasswordForm />
      </div>
      <Sessions />
    </>
  );
}
