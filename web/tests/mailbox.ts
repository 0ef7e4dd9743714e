import type { Page } from "@playwright/test";
import { expect, type Person, platformUrl } from "./fixtures";

/** The path of the link in the mail that was sent to somebody. */
export async function linkFor(page: Page, email: string): Promise<string> {
  let path: string | undefined;
  const look = async () => {
    const answer = await page.request.get("/mailbox/messages");
    const mails = (await answer.json()) as { to: string[]; text: string }[];
    const mail = mails.find(({ to, text }) => to.includes(email) && text.includes("/reset-password?token="));
    path = mail && /\/reset-password\?token=[^\s)]+/.exec(mail.text)?.[0];
    return path;
  };
  await expect.poll(look, { timeout: 20_000 }).toBeTruthy();
  return path ?? "";
}

/** What is queued is sent once a minute; a link for a new password, and all else with it, at once. */
export async function hurry(page: Page, { email }: Person) {
  await page.request.post(`${platformUrl()}/api/auth/forgot-password/`, { data: { email } });
}

/** Once the e-mail has arrived, its recipient's server sends it back. */
export async function bounce(page: Page, person: Person, recipient: string) {
  await hurry(page, person);
  const mailbox = `${platformUrl()}/mailbox/messages`;
  let number: number | undefined;
  await expect(async () => {
    const messages = (await (await page.request.get(mailbox)).json()) as { number: number; to: string[] }[];
    number = messages.find(({ to }) => to.includes(recipient))?.number;
    expect(number).toBeDefined();
  }).toPass();
  expect((await page.request.post(`${mailbox}/${number}/bounce`)).status()).toBe(204);
}
