import type { Page } from "@playwright/test";
import type { User } from "../src/api/schema";
import { expect, expectAccessible, pageOf, test, unique } from "./fixtures";
import { linkFor } from "./mailbox";

interface Account {
  email: string;
  password: string;
}

async function signIn(page: Page, { email, password }: Account, kept = false) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Mot de passe", { exact: true }).fill(password);
  if (kept) await page.getByLabel("Gardez-moi connecté").check();
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** Signs in without being kept signed in, and waits for the dashboard. */
async function start(page: Page, account: Account) {
  await page.goto("/login");
  await signIn(page, account);
  await expect(page).toHaveURL(/\/dashboard$/);
}

const signInTitle = (page: Page) => page.getByRole("heading", { name: "Connectez-vous" });

/** The access token of a session that is not kept. */
function accessToken(page: Page): Promise<string | undefined> {
  return page.evaluate(() => JSON.parse(sessionStorage.getItem("session") ?? "null")?.access);
}

/** What the application keeps of a session, in each of the two places. */
function keptSessions(page: Page) {
  return page.evaluate(() => ({
    local: localStorage.getItem("session") !== null,
    tab: sessionStorage.getItem("session") !== null,
  }));
}

test("A wrong password is told apart from a field left empty, and the right one opens the dashboard", async ({
  page,
  person,
}) => {
  const account = await person();
  await page.goto("/login");
  await page.getByRole("button", { name: "Se connecter" }).click();
  await expect(page.getByText("Ce champ est obligatoire.")).toHaveCount(2);
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await signIn(page, { ...account, password: "Autre-Chose-2026" });
  await expect(page.getByRole("alert")).toBeVisible();
  await expectAccessible(page);
  await expect(page).toHaveURL(/\/login$/);
  await signIn(page, account);
  await expect(page).toHaveURL(/\/dashboard$/);
  await expect(page.getByRole("heading", { level: 1, name: "Bienvenue sur RED Product" })).toBeVisible();
});

test.describe("A session that is not kept", { tag: "@once" }, () => {
  test("is handed to new tabs, and ends with the last of them", async ({ page, person }) => {
    const context = page.context();
    // A sign-in that was open before goes on by itself.
    const early = await context.newPage();
    await early.goto("/hotels");
    await expect(signInTitle(early)).toBeVisible();
    await start(page, await person());
    await expect(early).toHaveURL(/\/hotels$/);
    await early.close();
    const [other] = await Promise.all([
      context.waitForEvent("page"),
      page.getByRole("link", { name: "Liste des hôtels" }).click({ modifiers: ["ControlOrMeta"] }),
    ]);
    await expect(other.getByRole("heading", { level: 1, name: "Hôtels" })).toBeVisible();
    expect(await keptSessions(other)).toEqual({ local: false, tab: true });
    await page.close();
    await other.reload();
    await expect(other.getByRole("heading", { level: 1, name: "Hôtels" })).toBeVisible();
    const last = await context.newPage();
    await other.close();
    await last.goto("/dashboard");
    await expect(signInTitle(last)).toBeVisible();
    expect(await keptSessions(last)).toEqual({ local: false, tab: false });
  });

  test("ends in every tab when somebody signs out in one", async ({ page, person }) => {
    await start(page, await person());
    const other = await page.context().newPage();
    await other.goto("/hotels");
    await other.getByRole("button", { name: "Se déconnecter" }).click();
    await expect(signInTitle(other)).toBeVisible();
    await expect(page).toHaveURL(/\/login$/);
    const next = await page.context().newPage();
    await next.goto("/hotels");
    await expect(signInTitle(next)).toBeVisible();
  });

  test("is renewed once for all tabs, and goes on in all after a new sign-in", async ({ page, person }) => {
    const account = await person();
    await start(page, account);
    const other = await page.context().newPage();
    await other.goto("/hotels");
    await expect(other.getByRole("heading", { level: 1, name: "Hôtels" })).toBeVisible();
    const old = await accessToken(page);
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem("session") ?? "null");
      sessionStorage.setItem("session", JSON.stringify({ ...session, expiresAt: Date.now() - 1 }));
    });
    await page.reload();
    await expect.poll(() => accessToken(page)).not.toBe(old);
    await expect.poll(async () => (await accessToken(other)) === (await accessToken(page))).toBe(true);
    // Ended elsewhere: what is on the screens waits for the same person.
    const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem("session") ?? "null"));
    await page.request.post("/api/auth/logout/", { data: { refresh_token: session.refresh } });
    await page.reload();
    await expect(signInTitle(page)).toBeVisible();
    await expect(signInTitle(other)).toBeVisible();
    const form = page.locator("form").filter({ has: page.getByRole("button", { name: "Se connecter" }) });
    await form.getByLabel("E-mail").fill(account.email);
    await form.getByLabel("Mot de passe", { exact: true }).fill(account.password);
    await form.getByRole("button", { name: "Se connecter" }).click();
    await expect(page).toHaveURL(/\/dashboard$/);
    await expect(other.getByRole("heading", { level: 1, name: "Hôtels" })).toBeVisible();
  });
});

test("A session that is kept is there in the next tab", async ({ page, person }) => {
  await page.goto("/login");
  await signIn(page, await person(), true);
  await expect(page).toHaveURL(/\/dashboard$/);
  expect(await keptSessions(page)).toEqual({ local: true, tab: false });
  const other = await page.context().newPage();
  await page.close();
  await other.goto("/login");
  await expect(other).toHaveURL(/\/dashboard$/);
});

test("Signing in leads to where one wanted to go", async ({ page, person }) => {
  await page.goto("/hotels?city=Dakar&view=table");
  await expect(page.getByText("vous reviendrez où vous étiez")).toBeVisible();
  await signIn(page, await person());
  await expect(page).toHaveURL(/\/hotels\?city=Dakar&view=table$/);
  await expect(page.getByLabel("Ville")).toHaveValue("Dakar");
});

test("Somebody who signs out leaves nothing behind for whoever signs in next", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(page).toHaveURL(/\/login$/);
  await expect(page.getByText("vous reviendrez où vous étiez")).toBeHidden();
  expect(await keptSessions(page)).toEqual({ local: false, tab: false });
  await page.goto("/hotels");
  await expect(page).toHaveURL(/\/login\?next=%2Fhotels$/);
});

test("Too many attempts are told when to try again, and a server that is away is told apart", async ({
  page,
}) => {
  let status = 429;
  await page.route("**/api/auth/login/", (route) =>
    route.fulfill({ status, headers: { "Retry-After": "600" }, json: { detail: "Trop." } }),
  );
  await page.goto("/login");
  const nobody = { email: "awa@example.sn", password: "Teranga" };
  await signIn(page, nobody);
  await expect(page.getByRole("alert")).toHaveText("Trop de demandes. Réessayez dans 10 minutes.");
  status = 503;
  await signIn(page, nobody);
  await expect(page.getByRole("alert")).toContainText("momentanément indisponible");
  await page.unroute("**/api/auth/login/");
  await page.route("**/api/auth/login/", (route) => route.abort());
  await signIn(page, nobody);
  await expect(page.getByRole("alert")).toContainText("La connexion au serveur a été coupée");
});

test("Signing up shows what is wrong at its field, then opens the dashboard", async ({ page, person }) => {
  const taken = await person();
  await page.goto("/register");
  await page.getByRole("button", { name: "S'inscrire" }).click();
  await expect(
    page
      .getByText("Saisissez une adresse e-mail valide.")
      .or(page.getByText("Ce champ est obligatoire."))
      .first(),
  ).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Prénom").fill("Mariama");
  await page.getByLabel("Nom", { exact: true }).fill("Sarr");
  await page.getByLabel("E-mail").fill(taken.email);
  await page.getByLabel("Mot de passe", { exact: true }).fill("password");
  await page.getByRole("button", { name: "S'inscrire" }).click();
  const password = page.getByLabel("Mot de passe", { exact: true });
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await password.fill("Ndar-Géej-2026");
  // The one account that this file makes by itself: five an hour are let in from one address.
  await page.getByLabel("E-mail").fill(`${crypto.randomUUID()}@example.sn`);
  await page.getByRole("button", { name: "S'inscrire" }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
});

test("A forgotten password is changed by the link in a mail, which ends every session", async ({
  page,
  browser,
  contextOptions,
  person,
  baseURL,
}) => {
  const account = await person();
  const elsewhere = await pageOf(browser, account, { ...contextOptions, ...(baseURL && { baseURL }) });
  await elsewhere.goto("/hotels");
  await page.goto("/login");
  await page.getByRole("link", { name: "Mot de passe oublié ?" }).click();
  await page.getByLabel("Votre e-mail").fill(account.email);
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(page.getByRole("status").filter({ hasText: /\S/ })).toBeVisible();
  await expect(page.getByLabel("Votre e-mail")).toBeHidden();

  await page.goto(await linkFor(page, account.email));
  await expect(page.getByRole("heading", { name: "Choisissez votre mot de passe" })).toBeVisible();
  await expect(page, "the secret stays in no history").toHaveURL(/\/reset-password$/);
  const password = unique("Ndar-Géej");
  await page.getByLabel("Nouveau mot de passe").fill(password);
  await page.getByLabel("Confirmer le mot de passe").fill("autre chose");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Les deux mots de passe diffèrent.")).toBeVisible();
  await page.getByLabel("Confirmer le mot de passe").fill(password);
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Votre mot de passe est enregistré.")).toBeVisible();

  await page.getByRole("link", { name: "Se connecter" }).click();
  await signIn(page, { ...account, password });
  await expect(page).toHaveURL(/\/dashboard$/);
  await elsewhere.reload();
  await expect(elsewhere.getByRole("heading", { name: "Connectez-vous" })).toBeVisible();
  await elsewhere.context().close();
});

test("A link that is used up leads to a new one", async ({ page }) => {
  await page.goto("/reset-password?token=nothing");
  await page.getByLabel("Nouveau mot de passe").fill("Ndar-Géej-2026");
  await page.getByLabel("Confirmer le mot de passe").fill("Ndar-Géej-2026");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Demander un nouveau lien" }).click();
  await expect(page.getByLabel("Votre e-mail")).toBeVisible();
  await page.goto("/reset-password");
  await expect(page.getByText("Ce lien est incomplet.")).toBeVisible();
});

test("The language is switched before the sign-in, and the account's is that behind it", async ({
  page,
  person,
}) => {
  const account = await person();
  await page.goto("/login");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText(/password/i);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Bienvenue sur RED Product" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "fr");
  expect((await account.api.get<User>("/auth/me/")).language).toBe("fr");
});

test.describe("The language of the account", { tag: "@once" }, () => {
  test("is changed in the menu, in every tab and for e-mails", async ({ user, userPage: page }) => {
    const language = async () => (await user.api.get<User>("/auth/me/")).language;
    await page.goto("/profile");
    const other = await page.context().newPage();
    await other.goto("/hotels");
    await expect(other.getByRole("heading", { level: 1, name: "Hôtels" })).toBeVisible();
    await page.getByLabel("Prénom").fill("Aminata");
    await page.getByRole("button", { name: "Mon compte" }).click();
    await page.getByRole("menuitem", { name: "English" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "My profile" })).toBeVisible();
    await expect(other.getByRole("heading", { level: 1, name: "Hotels" })).toBeVisible();
    await expect.poll(language).toBe("en");
    await expect(page.getByLabel("Language")).toHaveValue("en");
    // The form that is open has the new version, and keeps what was typed.
    await expect(page.getByLabel("First name")).toHaveValue("Aminata");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Your profile is saved.").first()).toBeVisible();
    await page.getByLabel("Language").selectOption("Français");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Mon profil" })).toBeVisible();
    expect(await language()).toBe("fr");
  });

  test("is followed when it was changed elsewhere", async ({ user, userPage: page }) => {
    await page.goto("/hotels");
    await expect(page.getByRole("heading", { level: 1, name: "Hôtels" })).toBeVisible();
    await user.api.patch("/auth/me/", { language: "en" });
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: "Hotels" })).toBeVisible();
  });

  test("gets a choice that was made offline later", async ({ user, userPage: page }) => {
    await page.goto("/hotels");
    await expect(page.getByRole("heading", { level: 1, name: "Hôtels" })).toBeVisible();
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Mon compte" }).click();
    await page.getByRole("menuitem", { name: "English" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Hotels" })).toBeVisible();
    await expect(page.getByText("but not in your account yet").first()).toBeVisible();
    await page.context().setOffline(false);
    await expect.poll(async () => (await user.api.get<User>("/auth/me/")).language).toBe("en");
    await expect(page.getByRole("heading", { level: 1, name: "Hotels" })).toBeVisible();
  });
});

test("Nobody accepts terms that the operator has not set", { tag: "@once" }, async ({ page }) => {
  await page.goto("/register");
  await expect(page.getByRole("button", { name: "S'inscrire" })).toBeVisible();
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await page.goto("/login");
  await expect(page.getByRole("link", { name: "Conditions d'utilisation" })).toHaveCount(0);
  await page.goto("/terms");
  await expect(page.getByText("Ce texte n'est pas encore publié.")).toBeVisible();
  await expectAccessible(page);
});
