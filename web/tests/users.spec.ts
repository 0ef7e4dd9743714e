import type { Page } from "@playwright/test";
import type { User } from "../src/api/schema";
import { Api, expect, expectAccessible, type Person, platformUrl, test } from "./fixtures";
import { bounce, linkFor } from "./mailbox";

/** The list with this one row, whose menu is open. */
async function openMenu(page: Page, { email, user }: Person) {
  await page.goto(`/users?search=${email}`);
  await page.getByRole("button", { name: `Actions pour ${user.first_name} ${user.last_name}` }).click();
  await expect(page.getByRole("menu")).toBeVisible();
}

const row = (page: Page, email: string) => page.getByRole("row").filter({ hasText: email });

test("An administrator adds somebody, who can sign in", async ({ adminPage: page, request }) => {
  const email = `${crypto.randomUUID()}@example.sn`;
  await page.goto("/users");
  await page.getByRole("link", { name: "Ajouter un utilisateur" }).click();
  await page.getByLabel("Prénom").fill("Moussa");
  await page.getByLabel("Nom (facultatif)", { exact: true }).fill("Sarr");
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("Choisir un mot de passe").check();
  await page.getByLabel("Mot de passe", { exact: true }).fill("court");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByRole("alert")).toHaveText("Au moins 8 caractères.");
  await page.getByLabel("Mot de passe", { exact: true }).fill("Un-mot-de-passe-9");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Le compte de Moussa Sarr est créé.").first()).toBeVisible();
  await expect(row(page, email)).toContainText("Moussa Sarr");
  const api = await Api.signIn(request, email, "Un-mot-de-passe-9");
  expect(api.user.is_admin).toBe(false);
});

test(
  "Somebody who is invited chooses their own password",
  { tag: "@once" },
  async ({ adminPage: page, request }) => {
    const email = `${crypto.randomUUID()}@example.sn`;
    await page.goto("/users/new");
    await expect(page.getByLabel("Envoyer une invitation par e-mail")).toBeChecked();
    await expect(page.getByLabel("Mot de passe", { exact: true })).toBeHidden();
    await page.getByLabel("Prénom").fill("Moussa");
    await page.getByLabel("E-mail", { exact: true }).fill(email);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByText(`Une invitation est envoyée à ${email}.`).first()).toBeVisible();
    await page.goto(await linkFor(page, email));
    await expect(page.getByRole("heading", { name: "Choisissez votre mot de passe" })).toBeVisible();
    await page.getByLabel("Nouveau mot de passe").fill("Ndar-Géej-2026");
    await page.getByLabel("Confirmer le mot de passe").fill("Ndar-Géej-2026");
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByText("Votre mot de passe est enregistré.")).toBeVisible();
    await Api.signIn(request, email, "Ndar-Géej-2026");
  },
);

test(
  "An administrator chooses who is mailed about tickets",
  { tag: "@once" },
  async ({ adminPage: page, admin, person }) => {
    const other = await person({ admin: true });
    const box = page.getByLabel("Recevoir un e-mail pour chaque ticket");
    await page.goto(`/users/${other.user.id}/edit`);
    await expect(box).not.toBeChecked();
    await page.getByLabel("Administrateur").uncheck();
    await expect(box).toBeHidden();
    await page.getByLabel("Administrateur").check();
    await box.check();
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByText("est enregistré.").first()).toBeVisible();
    expect((await other.api.get<User>("/auth/me/")).ticket_mail).toBe(true);
    await page.goto("/profile");
    await expect(box).not.toBeChecked();
    await box.check();
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByText("Votre profil est enregistré.").first()).toBeVisible();
    expect((await admin.api.get<User>("/auth/me/")).ticket_mail).toBe(true);
  },
);

test("A blocked address shows at its user", { tag: "@once" }, async ({ adminPage: page, admin, user }) => {
  const { email } = user;
  await admin.api.post("/emails/", { recipient: email, subject: "Bonjour", body: "Bonjour." });
  await bounce(page, admin, email);
  await page.goto(`/users?search=${email}`);
  await expect(row(page, email)).toContainText("Adresse bloquée");
  await page.goto(`/users/${user.user.id}/edit`);
  await expect(page.getByText("Adresse bloquée : son serveur a refusé un e-mail. Depuis le")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Voir et débloquer" }).click();
  await page.getByRole("button", { name: `Débloquer ${email}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Débloquer" }).click();
  await expect(page.getByText("Aucune adresse bloquée")).toBeVisible();
  await page.goto(`/users?search=${email}`);
  await expect(row(page, email)).toBeVisible();
  await expect(row(page, email)).not.toContainText("Adresse bloquée");
});

test("An e-mail that is taken is said at its field", async ({ adminPage: page, user }) => {
  await page.goto("/users/new");
  await page.getByLabel("E-mail", { exact: true }).fill(user.email);
  await page.getByLabel("Choisir un mot de passe").check();
  await page.getByLabel("Mot de passe", { exact: true }).fill("Un-mot-de-passe-9");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("E-mail", { exact: true })).toHaveAccessibleDescription(/existe déjà/);
  await expect(page.getByLabel("E-mail", { exact: true })).toBeFocused();
});

test("Whoever edits an older version is told so and starts again", async ({
  adminPage: page,
  admin,
  user,
}) => {
  await page.goto(`/users/${user.user.id}/edit`);
  await page.getByLabel("Numéro de téléphone").fill("+221 77 123 45 67");
  await admin.api.patch(`/users/${user.user.id}/`, { first_name: "Aminata" });
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Quelqu'un d'autre a modifié cet élément entre-temps.")).toBeVisible();
  await expect(page.getByLabel("Numéro de téléphone")).toHaveValue("+221 77 123 45 67");
  await page.getByRole("button", { name: "Recharger et perdre mes modifications" }).click();
  await expect(page.getByLabel("Prénom")).toHaveValue("Aminata");
  await page.getByLabel("Numéro de téléphone").fill("+221 77 765 43 21");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Le compte de Aminata Diop est enregistré.").first()).toBeVisible();
  const saved = await admin.api.get<User>(`/users/${user.user.id}/`);
  expect(saved.phone).toBe("+221 77 765 43 21");
});

test("A form that is left half filled asks first", async ({ adminPage: page }) => {
  await page.goto("/users/new");
  await page.getByLabel("Prénom").fill("Moussa");
  await page.getByRole("link", { name: "Revenir à la liste des utilisateurs" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Quitter sans enregistrer ?" });
  await dialog.getByRole("button", { name: "Continuer la saisie" }).click();
  await expect(page.getByLabel("Prénom")).toHaveValue("Moussa");
  await page.getByRole("link", { name: "Revenir à la liste des utilisateurs" }).click();
  await dialog.getByRole("button", { name: "Quitter" }).click();
  await expect(page).toHaveURL(/\/users(\?|$)/);
});

test("An account is deactivated and activated again", async ({ adminPage: page, user }) => {
  await openMenu(page, user);
  await page.getByRole("menuitem", { name: "Désactiver" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Désactiver Awa Diop ?" });
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Désactiver" }).click();
  await expect(row(page, user.email)).toContainText("Inactif");
  const login = { email: user.email, password: user.password };
  expect((await page.request.post(`${platformUrl()}/api/auth/login/`, { data: login })).status()).toBe(400);
  await openMenu(page, user);
  await page.getByRole("menuitem", { name: "Activer" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Activer" }).click();
  await expect(row(page, user.email)).toContainText("Actif");
});

test("A user becomes an administrator, and a user again", async ({ adminPage: page, user }) => {
  await openMenu(page, user);
  await page.getByRole("menuitem", { name: "Nommer administrateur" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Nommer administrateur" }).click();
  await expect(row(page, user.email)).toContainText("Administrateur");
  await openMenu(page, user);
  await page.getByRole("menuitem", { name: "Retirer le rôle d'administrateur" }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: /^Retirer le rôle/ })
    .click();
  await expect(row(page, user.email)).not.toContainText("Administrateur");
});

test("Whoever has tickets is not deleted, and can be deactivated instead", async ({
  adminPage: page,
  user,
}) => {
  await user.api.post("/tickets/", { title: "Climatisation", description: "Chambre 12." });
  await openMenu(page, user);
  await page.getByRole("menuitem", { name: "Supprimer" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Supprimer Awa Diop ?" });
  await expect(dialog).toContainText("Ce compte a un ticket : il ne peut pas être supprimé.");
  await expect(dialog.getByRole("button", { name: "Supprimer" })).toBeHidden();
  await dialog.getByRole("button", { name: "Désactiver à la place" }).click();
  await expect(row(page, user.email)).toContainText("Inactif");
});

test("Whoever has nothing is deleted", async ({ adminPage: page, user }) => {
  await openMenu(page, user);
  await page.getByRole("menuitem", { name: "Supprimer" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
  await expect(page.getByText("Le compte de Awa Diop est supprimé.").first()).toBeVisible();
  await expect(page.getByText("Aucun utilisateur trouvé")).toBeVisible();
});

test("Nobody can lock themselves out", async ({ adminPage: page, admin }) => {
  await openMenu(page, admin);
  await expect(page.getByRole("menuitem")).toHaveText(["Modifier", "Voir ses tickets"]);
  await page.getByRole("menuitem", { name: "Modifier" }).click();
  await expect(page.getByText("C'est votre compte")).toBeVisible();
  await expect(page.getByLabel("Administrateur")).toHaveCount(0);
  await expect(page.getByLabel("Compte actif")).toHaveCount(0);
});

test("A user's menu leads to their tickets", async ({ adminPage: page, user }) => {
  await openMenu(page, user);
  await page.getByRole("menuitem", { name: "Voir ses tickets" }).click();
  await expect(page).toHaveURL(new RegExp(`/tickets\\?user=${user.user.id}$`));
});

test("The list is filtered, and keeps its filters in the address", async ({ adminPage: page, user }) => {
  await page.goto(`/users?search=${user.email}`);
  await expect(row(page, user.email)).toBeVisible();
  const filters = page.getByRole("button", { name: "Filtres", exact: true });
  if (await filters.isVisible()) await filters.click();
  await page.getByLabel("Rôle").selectOption("Administrateur");
  await expect(page.getByText("Aucun utilisateur trouvé")).toBeVisible();
  await expect(page).toHaveURL(/is_admin=true/);
  await page.getByRole("button", { name: "Effacer les filtres" }).first().click();
  await expect(page).toHaveURL(/\/users(\?|$)/);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
});

test("A list that cannot be had says why, and can be asked for again", async ({ adminPage: page }) => {
  await page.route("**/api/users/?*", (route) =>
    route.fulfill({ status: 429, headers: { "retry-after": "30" }, json: { detail: "…" } }),
  );
  await page.goto("/users");
  await expect(page.getByRole("alert")).toContainText("Trop de demandes. Réessayez dans 30 secondes.");
  await page.unroute("**/api/users/?*");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
});

test("The administration leads to the users, and is not there for a user", async ({
  adminPage,
  userPage,
}) => {
  await adminPage.goto("/admin");
  await expect(adminPage).toHaveURL(/\/users(\?|$)/);
  await userPage.goto("/users");
  await expect(userPage.getByRole("heading", { name: "Page introuvable" })).toBeVisible();
});
