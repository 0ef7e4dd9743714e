import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Hotel } from "../src/api/schema";
import { paths } from "../src/lib/paths";
import { expect, pageOf, test } from "./fixtures";
import { makeSample, type Sample } from "./sample";

const FOLDER = join(import.meta.dirname, "../../docs/screenshots");
const SIZES = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];

/** What anybody sees. */
const signedOut = ({ form }: Sample): Record<string, string> => ({
  "sign-in": paths.signIn,
  "sign-up": paths.signUp,
  "forgot-password": paths.forgotPassword,
  "reset-password": `${paths.resetPassword}?token=none`,
  "public-form": paths.publicForm(form.id),
});

/** What an administrator sees, which is everything. */
const signedIn = ({ other, ticket, email, form, entry }: Sample, hotel: Hotel): Record<string, string> => ({
  dashboard: paths.dashboard,
  hotels: paths.hotels,
  "hotels-table": `${paths.hotels}?view=table`,
  "new-hotel": paths.newHotel,
  "edit-hotel": paths.editHotel(hotel.id),
  tickets: paths.tickets,
  "new-ticket": paths.newTicket,
  ticket: paths.ticket(ticket.id),
  "edit-ticket": paths.editTicket(ticket.id),
  messages: paths.messages,
  "new-message": paths.newMessage,
  conversation: paths.conversation(other.id),
  emails: paths.emails,
  "new-email": paths.newEmail,
  email: paths.email(email.id),
  suppressions: paths.suppressions,
  forms: paths.forms,
  "new-form": paths.newForm,
  "edit-form": paths.editForm(form.id),
  entries: paths.entries,
  "entries-of-form": paths.entriesOf(form.id),
  entry: paths.entry(form.id, entry.id),
  users: paths.users,
  "new-user": paths.newUser,
  "edit-user": paths.editUser(other.id),
  audit: paths.audit,
  profile: paths.profile,
  "not-found": "/nowhere",
});

test("Screenshots of every screen", async ({ root, browser, playwright, baseURL, contextOptions }) => {
  const request = await playwright.request.newContext();
  const sample = await makeSample(root, request);
  const { results } = await root.get<{ results: Hotel[] }>("/hotels/?page_size=1");
  const hotel = results[0];
  if (!hotel) throw new Error("there is no hotel");
  const options = { ...contextOptions, reducedMotion: "reduce", ...(baseURL && { baseURL }) } as const;

  const anybody = await (await browser.newContext(options)).newPage();
  const administrator = await pageOf(browser, sample.person, options);
  await take(anybody, signedOut(sample));
  await take(administrator, signedIn(sample, hotel));
  await anybody.context().close();
  await administrator.context().close();
  await request.dispose();
});

async function take(page: Page, screens: Record<string, string>) {
  for (const [name, path] of Object.entries(screens)) {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.goto(path, { waitUntil: "networkidle" });
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      // As high as the page is: what is fixed to the window ends where that does.
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
      await page.screenshot({ path: join(FOLDER, `${name}-${size.width}.png`) });
    }
  }
}
