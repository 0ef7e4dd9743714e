import type { Page } from "@playwright/test";
import type { User } from "../src/api/schema";
import { Api, expect, expectAccessible, type Person, platformUrl, test } from "./fixtures";

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
  await page.getByLabel("E-mail").fill(email);
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

test("An e-mail that is taken is said at its field", async ({ adminPage: page, user }) => {
  await page.goto("/users/new");
  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Mot de passe", { exact: true }).fill("Un-mot-de-passe-9");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription(/existe déjà/);
  await expect(page.getByLabel("E-mail")).toBeFocused();
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
  await expect(page.getByRole("checkbox")).toHaveCount(0);
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
