import type { BrowserContext, Page } from "@playwright/test";
import { expect, expectAccessible, type Person, test } from "./fixtures";

const REFRESH = "**/api/auth/refresh/";

/** Lets the access token in the store of the browser end: the application believes so, and the API refuses it. */
async function letTokenEnd(page: Page, { known = true } = {}) {
  await page.evaluate((known) => {
    const session = JSON.parse(localStorage.getItem("session") ?? "null");
    localStorage.setItem(
      "session",
      JSON.stringify({
        ...session,
        access: `${session.access}x`,
        ...(known && { expiresAt: Date.now() - 1 }),
      }),
    );
  }, known);
}

/** By itself a tab hears only of what another one stores. */
async function tellTab(page: Page) {
  await page.evaluate(() =>
    window.dispatchEvent(new StorageEvent("storage", { key: "session", storageArea: localStorage })),
  );
}

/** Counts what is asked for in every tab. */
function countRefreshes(context: BrowserContext) {
  const count = { asked: 0 };
  context.on("request", (request) => {
    if (request.url().includes("/api/auth/refresh/")) count.asked += 1;
  });
  return count;
}

/** In the sign-in, or in the one over a page: which it is depends on whether the session ended before that page or on it. */
async function signIn(page: Page, person: Person) {
  const submit = page.getByRole("button", { name: "Se connecter" });
  const form = page.locator("form").filter({ has: submit });
  await form.getByLabel("E-mail").fill(person.email);
  await form.getByLabel("Mot de passe", { exact: true }).fill(person.password);
  await form.getByLabel("Gardez-moi connecté").check();
  await submit.click();
}

const title = (page: Page) => page.getByRole("heading", { level: 1, name: "Hôtels" });
const signInTitle = (page: Page) => page.getByRole("heading", { name: "Connectez-vous" });

test("A token that has ended is renewed once, however much is asked for", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(title(page)).toBeVisible();
  const before = await page.evaluate(
    () => JSON.parse(localStorage.getItem("session") ?? "").refresh as string,
  );
  await letTokenEnd(page);
  const count = countRefreshes(page.context());
  await page.reload();
  await expect(page.getByRole("list").filter({ hasText: "par nuit" })).toBeVisible();
  expect(count.asked).toBe(1);
  const after = await page.evaluate(
    () => JSON.parse(localStorage.getItem("session") ?? "").refresh as string,
  );
  expect(after, "the refresh token was rotated").not.toBe(before);
});

test("A token that is refused before its time is renewed, and what was asked is asked again", async ({
  userPage: page,
}) => {
  await page.goto("/hotels");
  await expect(title(page)).toBeVisible();
  await letTokenEnd(page, { known: false });
  const count = countRefreshes(page.context());
  await page.reload();
  await expect(page.getByRole("list").filter({ hasText: "par nuit" })).toBeVisible();
  expect(count.asked).toBe(1);
});

test("Two tabs whose token ends at once renew it once", async ({ userPage: page }) => {
  await page.goto("/hotels");
  const other = await page.context().newPage();
  await other.goto("/hotels");
  await expect(title(page)).toBeVisible();
  await expect(title(other)).toBeVisible();
  // A renewal that a reload interrupts is made again.
  await Promise.all([page.waitForLoadState("networkidle"), other.waitForLoadState("networkidle")]);
  await letTokenEnd(page);
  const count = countRefreshes(page.context());
  await Promise.all([page.reload(), other.reload()]);
  for (const tab of [page, other]) {
    await expect(tab.getByRole("list").filter({ hasText: "par nuit" })).toBeVisible();
  }
  expect(count.asked).toBe(1);
});

test("A form that is being filled in survives the end of its token", async ({ adminPage: page }) => {
  await page.goto("/hotels/new");
  const name = `Hôtel ${crypto.randomUUID().slice(0, 8)}`;
  await page.getByLabel("Nom de l'hôtel").fill(name);
  await page.getByLabel("Ville").fill("Rufisque");
  await page.getByLabel("Prix par nuit").fill("30 000");
  await letTokenEnd(page);
  await tellTab(page);
  const count = countRefreshes(page.context());
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText(`${name} est créé.`, { exact: true })).toBeVisible();
  expect(count.asked).toBe(1);
});

test("A renewal that the network swallows loses nothing", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(title(page)).toBeVisible();
  await letTokenEnd(page);
  await page.route(REFRESH, (route) => route.abort());
  await page.reload();
  await expect(page.getByRole("button", { name: "Réessayer" })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("La connexion au serveur a été coupée").first()).toBeVisible();
  await page.unroute(REFRESH);
  await page.getByRole("button", { name: "Réessayer" }).click();
  await expect(page.getByRole("list").filter({ hasText: "par nuit" })).toBeVisible();
});

test("An answer to a rotation that is lost is asked for again", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(title(page)).toBeVisible();
  await letTokenEnd(page);
  await page.route(
    REFRESH,
    async (route) => {
      // The API has rotated the token by now.
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  const count = countRefreshes(page.context());
  await page.reload();
  await expect(page.getByRole("list").filter({ hasText: "par nuit" })).toBeVisible();
  expect(count.asked).toBe(2);
});

test("A revoked session ends in every tab, and signing in again leads back", async ({
  userPage: page,
  user,
}) => {
  await page.goto("/hotels?city=Dakar");
  await expect(title(page)).toBeVisible();
  const other = await page.context().newPage();
  await other.goto("/dashboard");
  await expect(other.getByRole("heading", { level: 1 })).toBeVisible();
  await user.api.post("/auth/logout/", { refresh_token: user.api.session.refresh_token });
  // Either tab may notice first: each refreshes what it shows when it comes to the front.
  await page.reload();
  await expect(signInTitle(page)).toBeVisible();
  await expect(signInTitle(other)).toBeVisible();
  await signIn(page, user);
  await expect(page).toHaveURL(/\/hotels\?city=Dakar$/);
  await expect(other).toHaveURL(/\/dashboard$/);
});

test("A form that is being filled in survives the end of its session", async ({ admin, adminPage: page }) => {
  await page.goto("/hotels/new");
  const name = `Hôtel ${crypto.randomUUID().slice(0, 8)}`;
  await page.getByLabel("Nom de l'hôtel").fill(name);
  await page.getByLabel("Ville").fill("Rufisque");
  await page.getByLabel("Prix par nuit").fill("30 000");
  await admin.api.post("/auth/logout/", { refresh_token: admin.api.session.refresh_token });
  await letTokenEnd(page);
  await tellTab(page);
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(signInTitle(page)).toBeVisible();
  await expect(page.getByLabel("Nom de l'hôtel")).toBeHidden();
  await expectAccessible(page);
  await signIn(page, admin);
  await expect(page.getByLabel("Nom de l'hôtel")).toHaveValue(name);
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText(`${name} est créé.`, { exact: true })).toBeVisible();
});

test("What one person typed is nothing for the next", async ({ user, admin, adminPage: page }) => {
  await page.goto("/tickets/new");
  await page.getByLabel("Titre").fill("Secret");
  await admin.api.post("/auth/logout/", { refresh_token: admin.api.session.refresh_token });
  await letTokenEnd(page);
  await tellTab(page);
  await page.getByLabel("Description").fill("Secret");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await signIn(page, user);
  await expect(page.getByLabel("Titre")).toHaveValue("");
  await expect(page.getByRole("button", { name: "Mon compte, Awa Diop" })).toBeVisible();
});

test("Whoever gives up at the end of a session gets the sign-in", async ({ user, userPage: page }) => {
  await page.goto("/tickets/new");
  await page.getByLabel("Titre").fill("Rien");
  await user.api.post("/auth/logout/", { refresh_token: user.api.session.refresh_token });
  await letTokenEnd(page);
  await tellTab(page);
  await page.getByLabel("Description").fill("Rien");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByRole("button", { name: "Abandonner ce qui était en cours" }).click();
  await expect(page).toHaveURL(/\/login$/);
  await expect(signInTitle(page)).toBeVisible();
});

test("Signing out in one tab signs out the other", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(title(page)).toBeVisible();
  const other = await page.context().newPage();
  await other.goto("/dashboard");
  await other.getByRole("button", { name: "Se déconnecter" }).click();
  await expect(signInTitle(other)).toBeVisible();
  await expect(signInTitle(page)).toBeVisible();
});

test("An account that was deactivated is signed out", async ({ userPage: page, user, api }) => {
  await page.goto("/hotels");
  await expect(title(page)).toBeVisible();
  await api.patch(`/users/${user.user.id}/`, { is_active: false });
  await page.reload();
  await expect(signInTitle(page)).toBeVisible();
});
