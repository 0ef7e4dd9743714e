import { Api, expect, expectAccessible, inEnglish, test } from "./fixtures";
import type { User } from "../src/api/schema";

test("Somebody changes their data, and the language of the application with it", async ({
  userPage: page,
  user,
}) => {
  await page.goto("/profile");
  await expect(page.getByText("Utilisateur", { exact: true })).toBeVisible();
  await page.getByLabel("Prénom").fill("Aminata");
  await page.getByLabel("Langue").selectOption("English");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Your profile is saved.").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "My profile" })).toBeVisible();
  await expect(page.getByRole("button", { name: "My account, Aminata Diop" })).toBeVisible();
  const me = await user.api.get<User>("/auth/me/");
  expect([me.first_name, me.language]).toEqual(["Aminata", "en"]);
  // What was saved is nothing to lose.
  await page.goto("/hotels");
  await expect(page.getByRole("heading", { name: "Hotels" })).toBeVisible();
});

test("A telephone number that is none is said at its field", async ({ userPage: page }) => {
  await page.goto("/profile");
  await page.getByLabel("Numéro de téléphone").fill("demain");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("Numéro de téléphone")).toHaveAttribute("aria-invalid", "true");
});

test("Whoever changed their profile elsewhere is told so", async ({ userPage: page, user }) => {
  await page.goto("/profile");
  await page.getByLabel("Nom (facultatif)", { exact: true }).fill("Fall");
  await user.api.patch("/auth/me/", { first_name: "Aminata" });
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByRole("button", { name: "Recharger et perdre mes modifications" }).click();
  await expect(page.getByLabel("Prénom")).toHaveValue("Aminata");
});

test("A new password ends the other sessions", async ({ userPage: page, user, request }) => {
  await Api.signIn(request, user.email, user.password);
  await page.goto("/profile");
  const sessions = page.getByRole("region", { name: "Sessions" }).getByRole("listitem");
  await expect(sessions).toHaveCount(2);
  const fill = async (current: string, next: string, repeat: string) => {
    await page.getByLabel("Mot de passe actuel").fill(current);
    await page.getByLabel("Nouveau mot de passe", { exact: true }).fill(next);
    await page.getByLabel("Confirmer le nouveau mot de passe").fill(repeat);
    await page.getByRole("button", { name: "Changer le mot de passe" }).click();
  };
  await fill("rien", "Un-mot-de-passe-9", "Un-autre-mot-9");
  await expect(page.getByText("Les deux mots de passe diffèrent.")).toBeVisible();
  await fill("rien", "Un-mot-de-passe-9", "Un-mot-de-passe-9");
  await expect(page.getByText("Le mot de passe actuel est incorrect.")).toBeVisible();
  await fill(user.password, "Un-mot-de-passe-9", "Un-mot-de-passe-9");
  await expect(page.getByText("Votre mot de passe est changé.").first()).toBeVisible();
  await expect(sessions).toHaveCount(1);
  await Api.signIn(request, user.email, "Un-mot-de-passe-9");
});

test("One session is ended from another", async ({ userPage: page, user, request }) => {
  const other = await Api.signIn(request, user.email, user.password);
  await page.goto("/profile");
  const sessions = page.getByRole("region", { name: "Sessions" }).getByRole("listitem");
  await expect(sessions.first()).toContainText("cette session");
  await sessions
    .last()
    .getByRole("button", { name: /^Mettre fin/ })
    .click();
  await expect(sessions).toHaveCount(1);
  const refresh = { refresh_token: other.session.refresh_token };
  expect((await request.post("/api/auth/refresh/", { data: refresh })).status()).toBe(401);
});

test("Signing out everywhere ends every session and leads to the sign-in", async ({
  userPage: page,
  user,
  request,
}) => {
  const other = await Api.signIn(request, user.email, user.password);
  await page.goto("/profile");
  await page.getByRole("button", { name: "Se déconnecter partout" }).click();
  await expectAccessible(page);
  await page.getByRole("alertdialog").getByRole("button", { name: "Se déconnecter partout" }).click();
  await expect(page).toHaveURL(/\/login/);
  // The browser leaves at once, and tells the API meanwhile.
  for (const { session } of [other, user.api]) {
    const data = { refresh_token: session.refresh_token };
    const refresh = async () => (await request.post("/api/auth/refresh/", { data })).status();
    await expect.poll(refresh).toBe(401);
  }
});

test("Ending one's own session leads to the sign-in", async ({ userPage: page }) => {
  await page.goto("/profile");
  await page
    .getByRole("region", { name: "Sessions" })
    .getByRole("button", { name: "Se déconnecter", exact: true })
    .click();
  await expect(page.getByRole("heading", { name: "Connectez-vous" })).toBeVisible();
});

test("The profile is there for those who do not see it, in both languages", async ({ adminPage: page }) => {
  await page.goto("/profile");
  await expect(page.getByText("cette session")).toBeVisible();
  await expectAccessible(page);
  await inEnglish(page);
  await expect(page.getByText("this session")).toBeVisible();
  await expectAccessible(page);
});
