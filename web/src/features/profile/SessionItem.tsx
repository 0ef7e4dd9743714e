import { Monitor, Smartphone } from "lucide-react";
import { useExplain } from "../../api/explain";
import type { SessionRow } from "../../api/schema";
import { ago, dateTime } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { askToSignOut } from "../../lib/leaving";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { toast } from "../../ui/Toast";
import { useEndSession } from "./api";
import { device } from "./device";
import { profileWords } from "./words";

export function SessionItem({ session }: { session: SessionRow }) {
  const w = useWords(profileWords);
  const language = useLanguage();
  const explain = useExplain();
  const end = useEndSession();
  const { browser, system, isMobile } = device(session.user_agent);
  const name = browser && system ? w.on(browser, system) : (browser ?? system ?? w.unknown);
  const Icon = isMobile ? Smartphone : Monitor;
  return (
    <li className="flex flex-wrap items-start gap-3 py-3">
      <Icon className="mt-0.5 size-5 shrink-0 text-ink-soft" aria-hidden />
      <div className="min-w-56 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 break-words">
          {name}
          {session.is_current && <Badge tone="good">{w.here}</Badge>}
        </p>
        <p className="text-sm break-words text-ink-soft">
          {[
            w.used(ago(session.last_used_at, language)),
            w.opened(dateTime(session.created_at, language)),
            session.ip,
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      {session.is_current ? (
        <Button look="secondary" small onClick={askToSignOut} className="ml-8 sm:ml-0">
          {w.signOut}
        </Button>
      ) : (
        <Button
          look="secondary"
          small
          busy={end.isPending}
          className="ml-8 sm:ml-0"
          aria-label={w.endNamed(name)}
          onClick={() =>
            void end.mutateAsync(session.id).then(
              () => toast.done(w.ended),
              (error: unknown) => toast.failed(explain(error)),
            )
          }
        >
          {w.end}
        </Button>
      )}
    </li>
  );
}
