/** Why an e-mail was not sent. */
export type Failure =
  | "expired"
  | "unknown"
  | "blocked"
  | "notVerified"
  | "dailyLimit"
  | "tooFast"
  | "paused"
  | "rejected"
  | "noSuchAddress"
  | "mailboxFull"
  | "refused"
  | "delayed"
  | "unreachable"
  | "other";

/** What `last_error` begins with or has in it; the first that fits counts. */
const PATTERNS: readonly (readonly [RegExp, Failure])[] = [
  [/^The link in it has expired/, "expired"],
  [/^Nobody knows what became of it/, "unknown"],
  [/^The address bounced or complained/, "blocked"],
  // What the recipient's server said, behind the kind of the bounce.
  [/^(Permanent|Transient|Undetermined): .*([45]\.2\.2|\bfull\b|over ?quota)/is, "mailboxFull"],
  [
    /^(Permanent|Undetermined): .*(5\.1\.[01]|user unknown|unknown user|no such|does(n't| not) exist)/is,
    "noSuchAddress",
  ],
  [/^(Permanent|Undetermined):/, "refused"],
  [/^Transient:/, "delayed"],
  // What the mail service said.
  [/not verified|^MailFromDomainNotVerified/i, "notVerified"],
  [/daily.*quota|^LimitExceeded/is, "dailyLimit"],
  [/maximum sending rate|^Throttling|^TooManyRequests/i, "tooFast"],
  [/^(SendingPaused|AccountSuspended)/, "paused"],
  [/^(MessageRejected|BadRequest)/, "rejected"],
  [/^SES answered 5|dispatch failure|time(d )?out/i, "unreachable"],
];

/** Why an e-mail was not sent, for people; the text itself is for those who run the platform. */
export function failureOf(lastError: string): Failure {
  return PATTERNS.find(([pattern]) => pattern.test(lastError))?.[1] ?? "other";
}
