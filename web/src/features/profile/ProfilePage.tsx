import { useUser } from "../../api/session";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { useEdited } from "../../lib/useEdited";
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
  const { query, attempt, reload } = useEdited(profileQuery);
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
          {(profile) => <ProfileForm key={attempt} profile={profile} onReload={reload} />}
        </Loaded>
        <PasswordForm />
      </div>
      <Sessions />
    </>
  );
}
