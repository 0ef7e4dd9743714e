import type { Page } from "@playwright/test";
import type { Email } from "../src/api/schema";
import { type Api, expect, expectAccessible, inEnglish, test, unique } from "./fixtures";
import { bounce, hurry } from "./mailbox";

/** One that waits for very long. */
function queue(api: Api, subject: string): Promise<Email> {
  const email = { recipient: "awa@example.sn", subject, body: "Bonjour,\n<b>à demain</b>." };
  return api.post("/emails/", { ...email, scheduled_at: "2100-01-01T00:00:00Z" });
}

const list = (page: Page, subject: string) => page.goto(`/emails?search=${encodeURIComponent(subject)}`);
const row = (page: Page, subject: string) => page.getByRole("row").filter({ hasText: subject });

test("An administrator writes an e-mail, which is sent", async ({ adminPage: page, admin }) => {
  const subject = unique("Votre réservation");
  await page.goto("/emails");
  await page.getByRole("link", { name: "Envoyer un e-mail" }).click();
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(page.getByText("Ce champ est obligatoire.")).toHaveCount(3);
  await expectAccessible(page);
  await page.getByLabel("Destinataire").fill("awa@example.sn");
  await page.getByLabel("Sujet").fill(subject);
  await page.getByRole("textbox", { name: "Message" }).fill("Bonjour Awa.");
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(page.getByText("L'e-mail à awa@example.sn est en attente d'envoi.").first()).toBeVisible();
  await expect(row(page, subject)).toBeVisible();
  await hurry(page, admin);
  await expect(async () => {
    await page.reload();
    await expect(row(page, subject)).toContainText(/Envoyé le \d\d\/\d\d\/\d{4} à \d\d:\d\d/, {
      timeout: 2_000,
    });
  }).toPass();
});

test("An e-mail can be planned, but not for the past", async ({ adminPage: page, admin }) => {
  const subject = unique("Rappel");
  await page.goto("/emails/new");
  await page.getByLabel("Destinataire").fill("awa@example.sn");
  await page.getByLabel("Sujet").fill(subject);
  await page.getByRole("textbox", { name: "Message" }).fill("Bonjour.");
  await page.getByLabel("Date d'envoi").fill("2020-01-01T08:00");
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(page.getByText("Choisissez une date à venir.")).toBeVisible();
  await page.getByLabel("Date d'envoi").fill("2100-01-01T08:00");
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(row(page, subject)).toContainText("prévu le 01/01/2100 à 08:00");
  const { results } = await admin.api.get<{ results: Email[] }>(
    `/emails/?search=${encodeURIComponent(subject)}`,
  );
  expect(new Date(results[0]?.scheduled_at ?? "").toISOString()).toBe("2100-01-01T08:00:00.000Z");
});

test("A waiting e-mail is cancelled, and tried again", async ({ adminPage: page, admin }) => {
  const { subject } = await queue(admin.api, unique("Facture"));
  await list(page, subject);
  await expect(row(page, subject)).toContainText("En attente");
  await page.getByRole("button", { name: `Annuler l'envoi : ${subject}` }).click();
  await expect(row(page, subject)).toContainText("Annulé");
  await page.getByRole("button", { name: `Réessayer : ${subject}` }).click();
  await expect(row(page, subject)).toContainText("En attente");
});

test("What an e-mail's state no longer allows is explained, and its state shown", async ({
  adminPage: page,
  admin,
}) => {
  const { id, subject } = await queue(admin.api, unique("Facture"));
  await list(page, subject);
  await expect(row(page, subject)).toContainText("En attente");
  await admin.api.post(`/emails/${id}/cancel/`);
  await page.getByRole("button", { name: `Annuler l'envoi : ${subject}` }).click();
  await expect(page.getByText("Seul un e-mail en attente peut être annulé.").first()).toBeVisible();
  await expect(row(page, subject)).toContainText("Annulé");
});

test("The list looks again by itself while something waits", async ({ adminPage: page, admin }) => {
  const { id, subject } = await queue(admin.api, unique("Facture"));
  await page.clock.install();
  await list(page, subject);
  await expect(row(page, subject)).toContainText("En attente");
  await admin.api.post(`/emails/${id}/cancel/`);
  await page.clock.runFor(10_000);
  await expect(row(page, subject)).toContainText("Annulé");
});

test("An e-mail shows as text, whatever is in it, and is deleted", async ({ adminPage: page, admin }) => {
  const { subject } = await queue(admin.api, unique("Facture"));
  await list(page, subject);
  await page.getByRole("link", { name: subject }).click();
  await expect(page.getByRole("heading", { name: subject })).toBeVisible();
  await expect(page.getByText("<b>à demain</b>.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Supprimer" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
  await expect(page.getByText("L'e-mail est supprimé.").first()).toBeVisible();
  await expect(page).toHaveURL(/\/emails(\?|$)/);
});

test("An e-mail that is being sent is not deleted", async ({ adminPage: page, admin }) => {
  const { id, subject } = await queue(admin.api, unique("Facture"));
  await page.route(`**/api/emails/${id}/`, (route) =>
    route.request().method() === "DELETE"
      ? route.fulfill({ status: 409, json: { detail: "Cet e-mail est en cours d'envoi." } })
      : route.fallback(),
  );
  await list(page, subject);
  await page.getByRole("button", { name: `Supprimer ${subject}` }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("button", { name: "Supprimer" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("Cet e-mail est en cours d'envoi.");
  await dialog.getByRole("button", { name: "Annuler" }).click();
  await expect(row(page, subject)).toBeVisible();
});

test("An address that bounced is blocked, until an administrator lifts that", async ({
  adminPage: page,
  admin,
}) => {
  const recipient = `${crypto.randomUUID()}@example.sn`;
  const email = { recipient, subject: unique("Bonjour"), body: "Bonjour." };
  const { id } = await admin.api.post<Email>("/emails/", email);
  await bounce(page, admin, recipient);
  await page.goto(`/emails/${id}`);
  await expect(page.getByText("Rejeté")).toBeVisible();
  await expect(page.getByText("Adresse bloquée : son serveur a refusé un e-mail.")).toBeVisible();
  await page.getByRole("link", { name: "Voir et débloquer" }).click();
  const blocked = page.getByRole("row").filter({ hasText: recipient });
  await expect(blocked).toContainText("Rejet");
  await expect(page).toHaveURL(/search=/);
  await expectAccessible(page);
  await inEnglish(page);
  await expectAccessible(page);
  await page.getByRole("button", { name: `Unblock ${recipient}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Unblock" }).click();
  await expect(page.getByText("No blocked address")).toBeVisible();
});

test(
  "A failure is explained in the reader's words, without a retry in vain",
  { tag: "@once" },
  async ({ adminPage: page, admin }) => {
    const { id, subject, recipient, ...rest } = await queue(admin.api, unique("Facture"));
    const lastError = "MessageRejected: Transaction failed: message contains a virus";
    const failed = { ...rest, id, subject, recipient, status: "failed", last_error: lastError };
    await page.route(`**/api/emails/${id}/`, (route) => route.fulfill({ json: failed }));
    await page.goto(`/emails/${id}`);
    await expect(page.getByText("Le service d'envoi a refusé ce message.")).toBeVisible();
    await expect(page.getByText(lastError)).toBeHidden();
    await page.getByText("Détail technique").click();
    await expect(page.getByText(lastError)).toBeVisible();
    await expectAccessible(page);
    await expect(page.getByRole("button", { name: "Réessayer" })).toBeVisible();
    const blocked = { id: 1, recipient, reason: "complained", created_at: "2026-11-22T09:05:00Z" };
    await page.route("**/api/emails/suppressions/?*", (route) =>
      route.fulfill({ json: { count: 1, next: null, previous: null, results: [blocked] } }),
    );
    await page.reload();
    await expect(page.getByText("Depuis le 22/11/2026 à 09:05, plus rien n'est envoyé")).toBeVisible();
    await expect(page.getByRole("button", { name: "Réessayer" })).toBeHidden();
    await page.route("**/api/emails/?*", (route) =>
      route.fulfill({ json: { count: 1, next: null, previous: null, results: [failed] } }),
    );
    await page.goto("/emails");
    await expect(row(page, subject)).toContainText("Échec");
    await expect(page.getByRole("button", { name: /^Réessayer/ })).toBeHidden();
  },
);

test("Nothing is written to a blocked address", async ({ adminPage: page, admin }) => {
  const recipient = `${crypto.randomUUID()}@example.sn`;
  await admin.api.post("/emails/", { recipient, subject: "Bonjour", body: "Bonjour." });
  await bounce(page, admin, recipient);
  await page.goto("/emails/new");
  await page.getByLabel("Destinataire").fill(recipient);
  await page.getByLabel("Sujet").fill("Bonjour");
  await page.getByRole("textbox", { name: "Message" }).fill("Bonjour.");
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(page.getByLabel("Destinataire")).toHaveAccessibleDescription(/plus rien ne lui est envoyé/);
});
