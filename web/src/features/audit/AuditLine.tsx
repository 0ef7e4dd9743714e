import { ChevronRight } from "lucide-react";
import type { AuditEvent } from "../../api/schema";
import { dateTime } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { Changes, changesOf } from "./Changes";
import { auditWords, type AuditWords } from "./words";

interface Props {
  event: AuditEvent;
  /** Of who did it. */
  name: string | undefined;
  onActor: (actor: number) => void;
}

/** One line of the record, as a sentence, and what changed behind a button. */
export function AuditLine({ event, name, onActor }: Props) {
  const w = useWords(auditWords);
  const language = useLanguage();
  const { actor, actor_email: email, ip } = event;
  const changed = changesOf(event).length;
  return (
    <li className="break-inside-avoid px-4 py-3 sm:px-6">
      <p className="break-words">
        {actor === null ? (
          w.somebody
        ) : (
          <button
            type="button"
            aria-label={w.onlyActor(name || w.somebody)}
            onClick={() => onActor(actor)}
            className="cursor-pointer rounded text-left font-medium underline decoration-line-strong underline-offset-4 hover:decoration-ink"
          >
            {name || w.somebody}
          </button>
        )}{" "}
        {deed(event, w)}
      </p>
      <p className="mt-0.5 text-sm break-words text-ink-soft">
        {[dateTime(event.created_at, language), ip, name === email ? "" : email].filter(Boolean).join(" · ")}
      </p>
      {changed > 0 && (
        <details className="group mt-1">
          <summary className="inline-flex min-h-8 cursor-pointer list-none items-center gap-1 rounded text-sm text-ink-soft hover:text-ink [&::-webkit-details-marker]:hidden">
            <ChevronRight className="size-4 transition-transform group-open:rotate-90" aria-hidden />
            {w.changes(changed)}
          </summary>
          <Changes event={event} />
        </details>
      )}
    </li>
  );
}

/** What was done, in words where there are any. */
function deed({ actor, action, resource, object_id: id }: AuditEvent, w: AuditWords): string {
  const isOwn = resource === "user" && id !== null && id === actor;
  const number = id === null ? "" : ` ${w.numbered(id)}`;
  const thing = isOwn ? w.ownAccount : (w.things[resource] ?? resource) + number;
  return w.deeds[action]?.(thing) ?? `${action} ${thing}`;
}
