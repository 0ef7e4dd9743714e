import type { Page } from "@playwright/test";
import type { Email, Entry, Form, Hotel, Ticket } from "../src/api/schema";
import { paths } from "../src/lib/paths";
import { type Api, expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

// What holds for each screen: it has a title, axe finds nothing in either language, it does not scroll sideways, and the
// browser has nothing to complain about. What a user sees differs from what an administrator does by what is left out, so
// that one width is enough; and so is one language on a phone.

const SIGNED_OUT = [
  paths.signIn,
  paths.signUp,
  paths.forgotPassword,
  `${paths.resetPassword}?token=none`,
  paths.terms,
];

const FOR_USERS = [
  paths.dashboard,
  paths.hotels,
  `${paths.hotels}?view=table`,
  paths.tickets,
  paths.newTicket,
  paths.messages,
  paths.newMessage,
  paths.forms,
  paths.profile,
];

const FOR_ADMINISTRATORS = [
  ...FOR_USERS,
  paths.newHotel,
  paths.emails,
  paths.newEmail,
  paths.suppressions,
  paths.newForm,
  paths.entries,
  paths.users,
  paths.newUser,
  paths.audit,
];

for (const path of SIGNED_OUT) {
  test(`${path} before the sign-in`, async ({ page }) => {
    await expectSound(page, path);
  });
}

for (const path of FOR_USERS) {
  test(`${path} as a user`, { tag: "@once" }, async ({ userPage }) => {
    await expectSound(userPage, path);
  });
}

for (const path of FOR_ADMINISTRATORS) {
  test(`${path} as an administrator`, async ({ adminPage }) => {
    await expectSound(adminPage, path);
  });
}

const OF_ONE_ROW: Record<string, (api: Api, user: number) => Promise<string>> = {
  "a hotel": async (api) => paths.hotel((await makeHotel(api)).id),
  "a hotel's form": async (api) => paths.editHotel((await makeHotel(api)).id),
  "a ticket": async (api) => paths.ticket((await makeTicket(api)).id),
  "a ticket's form": async (api) => paths.editTicket((await makeTicket(api)).id),
  "a conversation": async (_, user) => paths.conversation(user),
  "an e-mail": async (api) => paths.email((await makeEmail(api)).id),
  "a form's builder": async (api) => paths.editForm((await makeForm(api)).id),
  "a form as anybody sees it": async (api) => paths.publicForm((await makeForm(api)).id),
  "the entries of a form": async (api) => paths.entriesOf((await makeEntry(api)).form),
  "an entry": async (api) => {
    const entry = await makeEntry(api);
    return paths.entry(entry.form, entry.id);
  },
  "a user's form": async (_, user) => paths.editUser(user),
};

for (const [name, make] of Object.entries(OF_ONE_ROW)) {
  test(`The screen of ${name}`, async ({ admin, adminPage, user }) => {
    await expectSound(adminPage, await make(admin.api, user.user.id));
  });
}

async function expectSound(page: Page, path: string) {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Page introuvable" })).toBeHidden();
  await expect(page).toHaveTitle(/. · RED PRODUCT$/);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  if (width > 640) {
    await inEnglish(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(page);
  }
  // The narrowest phone; a laptop at 200 % zoom is as wide as a tablet.
  await page.setViewportSize({ width: width > 640 ? 640 : 360, height });
  await expectNoSidewaysScroll(page);
  expect(complaints).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page) {
  const over = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(over).toBeLessThanOrEqual(0);
}

function makeHotel(api: Api): Promise<Hotel> {
  return api.post("/hotels/", { name: unique("Hôtel"), city: "Dakar", price_per_night: "45000" });
}

function makeTicket(api: Api): Promise<Ticket> {
  return api.post("/tickets/", {
    title: unique("Climatisation"),
    description: "Chambre 12.",
    priority: "high",
  });
}

function makeEmail(api: Api): Promise<Email> {
  // Far enough away that it waits.
  const scheduled_at = "2100-01-01T00:00:00Z";
  return api.post("/emails/", {
    recipient: "awa@example.sn",
    subject: unique("Bonjour"),
    body: "Bonjour.",
    scheduled_at,
  });
}

function makeForm(api: Api): Promise<Form> {
  const fields = [
    { name: "nom", label: "Nom", type: "text", required: true },
    { name: "avis", label: "Votre avis", type: "select", options: ["Bien", "Mal"], help: "Un mot suffit." },
  ];
  return api.post("/forms/", { title: unique("Votre séjour"), fields });
}

async function makeEntry(api: Api): Promise<Entry> {
  const form = await makeForm(api);
  return api.post("/entries/", { form: form.id, data: { nom: "Awa", avis: "Bien" } });
}
