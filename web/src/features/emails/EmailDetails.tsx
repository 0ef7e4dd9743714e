import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Email } from "../../api/schema";
import { dateTime, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { EmailState } from "./EmailState";
import { emailWords } from "./words";

/** An e-mail as it is sent, and what became of it. */
export function EmailDetails({ email }: { email: Email }) {
  const w = useWords(emailWords);
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
          <Fact name={w.lastError}>{email.last_error}</Fact>
          <Fact name={w.planned}>{time(email.scheduled_at)}</Fact>
          <Fact name={w.createdOn}>{time(email.created_at)}</Fact>
          <Fact name={w.sentAt}>{time(email.sent_at)}</Fact>
          <Fact name={w.updatedOn}>{time(email.updated_at)}</Fact>
          <Fact name={w.messageId}>{email.message_id}</Fact>
        </dl>
        {(email.status === "bounced" || email.status === "complained") && (
          <p className="mt-4 rounded-lg bg-accent-pale px-4 py-3 text-sm text-accent-ink">
            {w.refused}{" "}
            <Link to={paths.suppressions} className="underline">
              {w.suppressions}
            </Link>
          </p>
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
