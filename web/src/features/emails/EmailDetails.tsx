import type { ReactNode } from "react";
import type { Email, Suppression } from "../../api/schema";
import { BlockedNotice } from "../../lib/BlockedNotice";
import { dateTime, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { EmailState } from "./EmailState";
import { failureOf } from "./failure";
import { emailWords, failureWords } from "./words";

interface Props {
  email: Email;
  /** Why nothing is sent to its recipient. */
  suppression: Suppression | undefined;
}

/** An e-mail as it is sent, and what became of it. */
export function EmailDetails({ email, suppression }: Props) {
  const w = useWords(emailWords);
  const reasons = useWords(failureWords);
  const language = useLanguage();
  const time = (value: string | null) => value && dateTime(value, language);
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[3fr_2fr]">
      <section aria-labelledby="message" className="card min-w-0 p-5 sm:p-8">
        <h2 id="message" className="text-xl font-light">
          {w.message}
        </h2>
        {/* Text, whatever is in it. */}
        <p className="mt-4 leading-relaxed wrap-anywhere whitespace-pre-wrap">
          {email.body || <span className="text-ink-soft">{w.emptyBody}</span>}
        </p>
      </section>
      <section aria-labelledby="details" className="card min-w-0 p-5 sm:p-8">
        <h2 id="details" className="text-xl font-light">
          {w.details}
        </h2>
        <dl className="mt-4 space-y-3">
          <Fact name={w.recipient}>{email.recipient}</Fact>
          <Fact name={w.state}>
            <EmailState email={email} />
          </Fact>
          <Fact name={w.attempts}>{number(email.attempts, language)}</Fact>
          <Fact name={w.lastError}>
            {email.last_error && (
              <>
                {reasons[failureOf(email.last_error)]}
                <details className="mt-1 text-sm text-ink-soft">
                  <summary className="w-fit cursor-pointer">{w.technical}</summary>
                  <p>{email.last_error}</p>
                </details>
              </>
            )}
          </Fact>
          <Fact name={w.planned}>{time(email.scheduled_at)}</Fact>
          <Fact name={w.createdOn}>{time(email.created_at)}</Fact>
          <Fact name={w.sentAt}>{time(email.sent_at)}</Fact>
          <Fact name={w.updatedOn}>{time(email.updated_at)}</Fact>
          <Fact name={w.messageId}>{email.message_id}</Fact>
        </dl>
        {suppression && (
          <div className="mt-4 text-sm">
            <BlockedNotice suppression={suppression} />
          </div>
        )}
      </section>
    </div>
  );
}

/** Nothing where there is nothing to say. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
