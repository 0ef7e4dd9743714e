import type { Email } from "../../api/schema";
import { dateTime } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { stateWords, TONES } from "../../lib/states";
import { Badge } from "../../ui/Badge";
import { emailWords } from "./words";

/** Where an e-mail has got to. */
export function EmailState({ email }: { email: Email }) {
  const w = useWords(emailWords);
  const states = useWords(stateWords).email;
  const language = useLanguage();
  const { status, sent_at: sent, scheduled_at: planned } = email;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      <Badge tone={TONES.email[status] ?? "neutral"}>
        {status === "sent" && sent ? w.sentOn(dateTime(sent, language)) : (states[status] ?? status)}
      </Badge>
      {status === "pending" && planned && (
        <span className="text-sm text-ink-soft">{w.plannedFor(dateTime(planned, language))}</span>
      )}
    </span>
  );
}
