import { describe, expect, test } from "vitest";
import { failureOf } from "./failure";

describe("The reason why an e-mail was not sent", () => {
  test.each([
    ["The link in it has expired.", "expired"],
    ["Nobody knows what became of it, too often.", "unknown"],
    ["The address bounced or complained before.", "blocked"],
    ["MessageRejected: Email address is not verified. The following identities failed", "notVerified"],
    ["MessageRejected: Transaction failed: message contains a virus", "rejected"],
    ["BadRequestException: Invalid parameter", "rejected"],
    ["MailFromDomainNotVerifiedException: no", "notVerified"],
    ["TooManyRequestsException: Daily message quota exceeded.", "dailyLimit"],
    ["TooManyRequestsException: Maximum sending rate exceeded.", "tooFast"],
    ["SendingPausedException: paused", "paused"],
    ["AccountSuspendedException: suspended", "paused"],
    ["Permanent: smtp; 550 5.1.1 user unknown", "noSuchAddress"],
    ["Permanent: no reason given", "refused"],
    ["Permanent: smtp; 552 5.2.2 The mailbox is full", "mailboxFull"],
    ["Transient: smtp; 452 4.2.2 over quota", "mailboxFull"],
    ["Transient: no reason given", "delayed"],
    ["SES answered 503", "unreachable"],
    ["dispatch failure: connection refused", "unreachable"],
    ["something else", "other"],
    // An address may have any word in it.
    ["Permanent: smtp; 554 throttling@example.sn refused", "refused"],
  ])("%s", (lastError, reason) => {
    expect(failureOf(lastError)).toBe(reason);
  });
});
