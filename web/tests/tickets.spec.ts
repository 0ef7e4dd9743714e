import type { Page } from "@playwright/test";
import type { Ticket } from "../src/api/schema";
import { type Api, expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

function makeTicket(api: Api, changes: Partial<Ticket> = {}): Promise<Ticket> {
  const ticket = { title: unique("Climatisation"), description: "Chambre 12.", priority: "high" };
  return api.post("/tickets/", { ...ticket, ...changes });
}

/** On a phone they are behind a button. */
async function showFilters(page: Page) {
  const button = page.getByRole("button", { name: "Filtres", exact: true });
  if (await button.isVisible()) await button.click();
}

test("A user adds a ticket, whose fields must be filled", async ({ userPage: page }) => {
  const title = unique("Ampoule");
  await page.goto("/tickets");
  await expect(page.getByText("Aucun ticket trouvé")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Ajouter un ticket" }).first().click();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("Titre")).toBeFocused();
  await expect(page.getByText("Ce champ est obligatoire.")).toHaveCount(2);
  await expectAccessible(page);
  await page.getByLabel("Titre").fill(title);
  await page.getByLabel("Description").fill("Couloir du deuxième étage.");
  await page.getByLabel("Priorité").selectOption("Haute");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "Ouvert" })).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "Haute" })).toBeVisible();
});

test("A text that is too long is counted, and nothing of it is cut", async ({ userPage: page }) => {
  await page.goto("/tickets/new");
  const title = page.getByLabel("Titre");
  await title.fill("a".repeat(229));
  await expect(page.getByText("restants")).toHaveCount(0);
  await title.fill("a".repeat(250));
  await expect(title).toHaveAccessibleDescription("5 caractères restants");
  await title.fill("a".repeat(258));
  await expect(page.getByText("3 caractères de trop")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Description").fill("é".repeat(10_001));
  await expect(page.getByText("1 caractère de trop")).toBeVisible();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(title).toBeFocused();
  await expect(title).toHaveAccessibleDescription(/au plus 255 caractères/);
  expect(await title.inputValue()).toHaveLength(258);
  const kept = unique("Ampoule");
  await title.fill(kept);
  await page.getByLabel("Description").fill("é".repeat(10_000));
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByRole("heading", { level: 1, name: kept })).toBeVisible();
});

test("Tickets are filtered, sorted and searched for, all in the address", async ({
  user,
  userPage: page,
}) => {
  const high = await makeTicket(user.api);
  const low = await makeTicket(user.api, { priority: "low" });
  await page.goto("/tickets");
  const row = (ticket: Ticket) => page.getByRole("link", { name: ticket.title });
  await expect(row(high)).toBeVisible();
  await showFilters(page);
  await page.getByLabel("Priorité").selectOption("Basse");
  await expect(page).toHaveURL(/priority=low/);
  await expect(row(high)).toBeHidden();
  await page.getByRole("button", { name: "Effacer les filtres" }).first().click();
  await page.getByLabel("Trier par").selectOption("Priorité haute");
  await expect(page.getByRole("table").getByRole("link").first()).toHaveText(high.title);
  await page.getByLabel("Créé jusqu'au").fill("2020-01-01");
  await expect(page.getByText("Aucun ticket trouvé")).toBeVisible();
  await page.goto(`/tickets?search=${encodeURIComponent(low.title)}`);
  await expect(row(low)).toBeVisible();
  await expect(row(high)).toBeHidden();
});

test("A page that is no more leads to the first one", { tag: "@once" }, async ({ user, userPage: page }) => {
  const ticket = await makeTicket(user.api);
  await page.goto("/tickets?page=5");
  await expect(page.getByRole("link", { name: ticket.title })).toBeVisible();
});

test(
  "An administrator sees one user's tickets through the address",
  { tag: "@once" },
  async ({ user, admin, adminPage: page }) => {
    const [theirs, own] = await Promise.all([makeTicket(user.api), makeTicket(admin.api)]);
    await page.goto(`/tickets?user=${user.user.id}`);
    await expect(page.getByRole("link", { name: theirs.title })).toBeVisible();
    await expect(page.getByRole("link", { name: own.title })).toBeHidden();
    await expect(page.getByText("Seulement les tickets de Awa Diop.")).toBeVisible();
  },
);

test("A list that cannot be read is asked for again", { tag: "@once" }, async ({ user, userPage: page }) => {
  const ticket = await makeTicket(user.api);
  await page.route("**/api/tickets/?*", (route) => route.fulfill({ status: 403, json: { detail: "Non." } }));
  await page.goto("/tickets");
  await expect(page.getByRole("alert")).toContainText("Non.");
  await page.unroute("**/api/tickets/?*");
  await page.route("**/api/tickets/?*", (route) => route.fulfill({ status: 429, json: { detail: "Trop." } }));
  await page.reload();
  await expect(page.getByRole("alert")).toContainText("Trop de demandes.");
  await page.unroute("**/api/tickets/?*");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await expect(page.getByRole("link", { name: ticket.title })).toBeVisible();
});

test("A ticket is talked about, closed and opened again by its user", async ({
  user,
  admin,
  userPage: page,
}) => {
  const ticket = await makeTicket(user.api);
  await admin.api.post(`/tickets/${ticket.id}/comments/`, { content: "Un technicien passe." });
  await admin.api.patch(`/tickets/${ticket.id}/`, { status: "in_progress" });
  await page.goto(`/tickets/${ticket.id}`);
  const thread = page.getByRole("region", { name: "Échanges" });
  await expect(thread.getByRole("listitem")).toHaveText([
    /Fatou Ndiaye.*Un technicien passe\./,
    /Fatou Ndiaye a changé le statut\s: Ouvert → En cours/,
  ]);
  await page.getByLabel("Votre commentaire").fill("Merci.");
  await page.getByLabel("Votre commentaire").press("Control+Enter");
  await expect(thread.getByRole("listitem").last()).toContainText("Merci.");
  await page.getByRole("button", { name: "Fermer le ticket" }).click();
  await expect(thread.getByRole("listitem").last()).toContainText("En cours → Fermé");
  await expect(page.getByRole("link", { name: "Modifier" })).toBeHidden();
  await page.getByRole("button", { name: "Rouvrir le ticket" }).click();
  await expect(page.getByRole("link", { name: "Modifier" })).toBeVisible();
  await expectAccessible(page);
  await inEnglish(page);
  await expect(page.getByRole("region", { name: "Conversation" })).toBeVisible();
  await expectAccessible(page);
});

test(
  "A comment that cannot be sent comes back to its field",
  { tag: "@once" },
  async ({ user, userPage: page }) => {
    const ticket = await makeTicket(user.api);
    await page.goto(`/tickets/${ticket.id}`);
    await expect(page.getByText("Il n'y a pas encore de commentaire.")).toBeVisible();
    await page.route("**/comments/", (route) => route.fulfill({ status: 500, json: {} }));
    const field = page.getByLabel("Votre commentaire");
    await field.fill("Bonjour.");
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByText("Une erreur est survenue de notre côté.")).toBeVisible();
    await expect(field).toHaveValue("Bonjour.");
    await expect(page.getByText("Il n'y a pas encore de commentaire.")).toBeVisible();
    // It waits while one is elsewhere.
    await page.getByRole("link", { name: "Modifier" }).click();
    await page.getByRole("link", { name: "Revenir au ticket" }).click();
    await expect(field).toHaveValue("Bonjour.");
    await page.unroute("**/comments/");
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "Bonjour." })).toBeVisible();
    await expect(field).toHaveValue("");
  },
);

test(
  "A long thread is read on demand, and what one writes shows at once",
  { tag: "@once" },
  async ({ user, userPage: page }) => {
    const ticket = await makeTicket(user.api);
    for (let n = 1; n <= 51; n += 1) {
      await user.api.post(`/tickets/${ticket.id}/comments/`, { content: `Commentaire ${n}.` });
    }
    await page.goto(`/tickets/${ticket.id}`);
    await expect(page.getByText("Commentaire 50.")).toBeVisible();
    await expect(page.getByText("Commentaire 51.")).toBeHidden();
    await page.getByLabel("Votre commentaire").fill("Le dernier.");
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByRole("listitem").last()).toContainText("Le dernier.");
    await page.getByRole("button", { name: /^Afficher la suite/ }).click();
    await expect(page.getByText("Commentaire 51.")).toBeVisible();
    await expect(page.getByText("Le dernier.")).toHaveCount(1);
  },
);

const facts = (page: Page) => page.getByRole("definition");

test(
  "An administrator sets any status, unless somebody was faster",
  { tag: "@once" },
  async ({ user, adminPage: page }) => {
    const ticket = await makeTicket(user.api);
    await page.goto(`/tickets/${ticket.id}`);
    const change = page.getByRole("button", { name: "Changer le statut" });
    await change.click();
    await page.getByRole("menuitemradio", { name: "En cours" }).click();
    await expect(page.getByText("Le ticket est maintenant : En cours.").first()).toBeVisible();
    await expect(facts(page).filter({ hasText: "En cours" })).toBeVisible();
    await user.api.patch(`/tickets/${ticket.id}/`, { status: "closed" });
    await change.click();
    await page.getByRole("menuitemradio", { name: "Ouvert" }).click();
    await expect(page.getByRole("alert")).toContainText("Quelqu'un d'autre a modifié ce ticket");
    await expect(facts(page).filter({ hasText: "Fermé" })).toBeVisible();
    await change.click();
    await expect(page.getByRole("menuitemradio", { name: "Fermé" })).toBeChecked();
    await page.getByRole("menuitemradio", { name: "Ouvert" }).click();
    await expect(facts(page).filter({ hasText: "Ouvert" })).toBeVisible();
    await expect(page.getByRole("alert")).toBeHidden();
  },
);

test(
  "By keyboard a status is saved once it is chosen, and can be undone",
  { tag: "@once" },
  async ({ user, adminPage: page }) => {
    const ticket = await makeTicket(user.api);
    await page.goto(`/tickets/${ticket.id}`);
    let saved = 0;
    page.on("request", (request) => (saved += request.method() === "PATCH" ? 1 : 0));
    const change = page.getByRole("button", { name: "Changer le statut" });
    await change.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitemradio", { name: "Ouvert" })).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("menuitemradio", { name: "Fermé" })).toBeFocused();
    expect(saved).toBe(0);
    await page.keyboard.press("Enter");
    await expect(facts(page).filter({ hasText: "Fermé" })).toBeVisible();
    await expect(change).toBeFocused();
    expect(saved).toBe(1);
    await page.getByRole("button", { name: "Annuler" }).click();
    await expect(facts(page).filter({ hasText: "Ouvert" })).toBeVisible();
  },
);

test("A button keeps the focus while it is at work", { tag: "@once" }, async ({ user, userPage: page }) => {
  const ticket = await makeTicket(user.api);
  await page.goto(`/tickets/${ticket.id}`);
  const close = page.getByRole("button", { name: "Fermer le ticket" });
  await close.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Rouvrir le ticket" })).toBeFocused();
});

test(
  "The facts of a ticket follow what others do with it",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    const ticket = await makeTicket(user.api);
    await page.clock.install();
    await page.goto(`/tickets/${ticket.id}`);
    await expect(page.getByText("Il n'y a pas encore de commentaire.")).toBeVisible();
    // As if the ticket were asked for before the change, and its thread afterwards.
    const before = await page.request.get(`/api/tickets/${ticket.id}/`, {
      headers: { Authorization: `Bearer ${user.api.session.access_token}` },
    });
    await page.route(`**/api/tickets/${ticket.id}/`, (route) => route.fulfill({ response: before }), {
      times: 1,
    });
    await admin.api.patch(`/tickets/${ticket.id}/`, { status: "closed" });
    await page.clock.fastForward("00:31");
    await expect(page.getByText("Fatou Ndiaye a changé le statut : Ouvert → Fermé")).toBeVisible();
    await expect(facts(page).filter({ hasText: "Fermé" })).toBeVisible();
    await expect(page.getByText("Ce ticket est fermé : un commentaire ne le rouvre pas.")).toBeVisible();
    await expect(page.getByRole("link", { name: "Modifier" })).toBeHidden();
    await expectAccessible(page);
    // What the screen shows is what is changed.
    await page.getByRole("button", { name: "Rouvrir", exact: true }).click();
    await expect(facts(page).filter({ hasText: "Ouvert" })).toBeVisible();
    // A change that the thread does not show.
    const title = unique("Autre titre");
    await admin.api.patch(`/tickets/${ticket.id}/`, { title });
    await page.clock.fastForward("00:31");
    await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
    await page.getByRole("button", { name: "Fermer le ticket" }).click();
    await expect(facts(page).filter({ hasText: "Fermé" })).toBeVisible();
  },
);

test(
  "A user deletes a ticket only while it is open and unanswered",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    const [answered, closed] = await Promise.all([makeTicket(user.api), makeTicket(user.api)]);
    await user.api.patch(`/tickets/${closed.id}/`, { status: "closed" });
    const remove = page.getByRole("button", { name: "Supprimer" });
    await page.goto(`/tickets/${closed.id}`);
    await expect(page.getByRole("button", { name: "Rouvrir le ticket" })).toBeVisible();
    await expect(remove).toBeHidden();
    await page.goto(`/tickets/${answered.id}`);
    await expect(page.getByText("Il n'y a pas encore de commentaire.")).toBeVisible();
    await remove.click();
    await admin.api.post(`/tickets/${answered.id}/comments/`, { content: "Un technicien passe." });
    await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
    await expect(page.getByRole("alertdialog").getByRole("alert")).toContainText(
      "ne peut plus être supprimé",
    );
    await page.getByRole("button", { name: "Annuler" }).click();
    await expect(page.getByText("Un technicien passe.")).toBeVisible();
    await expect(remove).toBeHidden();
  },
);

test(
  "A ticket is edited, and somebody else's change is not overwritten",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    const ticket = await makeTicket(user.api);
    await page.goto(`/tickets/${ticket.id}/edit`);
    await page.getByLabel("Titre").fill("Autre titre");
    await admin.api.patch(`/tickets/${ticket.id}/`, { priority: "low" });
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByRole("alert")).toContainText("Quelqu'un d'autre a modifié cet élément");
    await page.getByRole("button", { name: "Recharger et perdre mes modifications" }).click();
    await expect(page.getByLabel("Priorité")).toHaveValue("low");
    await page.getByLabel("Titre").fill(`${ticket.title} bis`);
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByRole("heading", { level: 1, name: `${ticket.title} bis` })).toBeVisible();
  },
);

test("A user's closed ticket is not edited", { tag: "@once" }, async ({ user, userPage: page }) => {
  const ticket = await makeTicket(user.api);
  await page.goto(`/tickets/${ticket.id}/edit`);
  await page.getByLabel("Titre").fill("Autre titre");
  // Closed behind one's back, in the moment of saving.
  await user.api.patch(`/tickets/${ticket.id}/`, { status: "closed" });
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByRole("button", { name: "Recharger et perdre mes modifications" }).click();
  await expect(page.getByText("Ce ticket est fermé")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Revenir au ticket" }).last().click();
  await expect(page.getByRole("button", { name: "Rouvrir le ticket" })).toBeVisible();
});

test("Deleting a ticket gives up a comment that is half written", async ({ user, userPage: page }) => {
  const ticket = await makeTicket(user.api);
  await page.goto(`/tickets?search=${encodeURIComponent(ticket.title)}`);
  await page.getByRole("link", { name: ticket.title }).click();
  await page.getByLabel("Commentaire").fill("Je voulais dire");
  await page.getByRole("button", { name: "Supprimer" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
  await expect(page.getByText("Aucun ticket trouvé")).toBeVisible();
  await expect(page).toHaveURL(/search=/);
});

test("A ticket is deleted once that is confirmed", async ({ user, userPage: page }) => {
  const ticket = await makeTicket(user.api);
  await page.goto(`/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Supprimer" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText(`Supprimer « ${ticket.title} » ?`);
  await dialog.getByRole("button", { name: "Annuler" }).click();
  await expect(page.getByRole("button", { name: "Supprimer" })).toBeFocused();
  await page.getByRole("button", { name: "Supprimer" }).click();
  await dialog.getByRole("button", { name: "Supprimer" }).click();
  await expect(page).toHaveURL(/\/tickets(\?|$)/);
  await expect(page.getByText("Aucun ticket trouvé")).toBeVisible();
});

test(
  "Somebody else's ticket does not exist for a user",
  { tag: "@once" },
  async ({ admin, userPage: page }) => {
    const ticket = await makeTicket(admin.api);
    await page.goto(`/tickets/${ticket.id}`);
    await expect(page.getByRole("alert")).toContainText("Cet élément n'existe pas, ou n'existe plus.");
  },
);

test(
  "A ticket's number is shown, searched for, and leads to it",
  { tag: "@once" },
  async ({ user, userPage: page }) => {
    const [first, second] = [await makeTicket(user.api), await makeTicket(user.api)];
    await page.goto("/tickets");
    await expect(page.getByRole("row").filter({ hasText: first.title })).toContainText(`#${first.id}`);
    const search = page.getByRole("searchbox", { name: "Rechercher un ticket" });
    await search.fill(`#${first.id}`);
    await expect(page.getByRole("link", { name: first.title })).toBeVisible();
    await expect(page.getByRole("link", { name: second.title })).toBeHidden();
    await search.fill("#999999999");
    await expect(page.getByText("Aucun ticket trouvé")).toBeVisible();
    await page.goto("/dashboard");
    await expect(page.getByRole("link", { name: `#${second.id} ${second.title}` })).toBeVisible();
    await page.getByRole("searchbox", { name: "Rechercher un hôtel" }).fill(`#${second.id}`);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`#${second.id} ${second.title}`);
  },
);

test(
  "A whole row opens its ticket, by mouse and by keyboard",
  { tag: "@once" },
  async ({ user, userPage: page }) => {
    const older = await makeTicket(user.api);
    const newer = await makeTicket(user.api);
    await page.goto("/tickets");
    const row = page.getByRole("row").filter({ hasText: older.title });
    await row.click({ position: { x: 500, y: 10 } });
    await expect(page).toHaveURL(new RegExp(`/tickets/${older.id}$`));
    await page.goBack();
    await expect(page.getByRole("link", { name: newer.title })).toBeVisible();
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: newer.title })).toBeFocused();
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`/tickets/${older.id}$`));
    await page.goto("/tickets");
    const search = page.getByRole("searchbox");
    await search.pressSequentially("jk");
    await expect(search).toHaveValue("jk");
  },
);
