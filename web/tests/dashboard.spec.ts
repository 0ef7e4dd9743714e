import type { Page } from "@playwright/test";
import type { Dashboard, Message } from "../src/api/schema";
import { expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

const DASHBOARD = "**/api/dashboard/";

const figures = (page: Page) => page.getByRole("region", { name: "En chiffres" }).getByRole("link");

test("An administrator sees every figure, as the API counts it", async ({ adminPage: page, admin }) => {
  const title = unique("Climatisation");
  await admin.api.post("/tickets/", { title, description: "Chambre 12." });
  await page.goto("/dashboard");
  await expect(figures(page)).toHaveCount(7);
  await expect(figures(page).filter({ hasText: "Utilisateurs" })).toContainText(/\d+ administrateurs?/);
  await expect(figures(page).filter({ hasText: "Formulaires" })).toContainText(/\d+ actifs?/);
  await expect(figures(page).filter({ hasText: "E-mails" })).toContainText(/\d+ en attente, \d+ en échec/);
  await expect(figures(page).filter({ hasText: "Entrées" })).toContainText(/reçues? en 30 jours/);
  for (const chart of ["Tickets par statut", "E-mails par statut", "Hôtels par ville"]) {
    await expect(page.getByRole("region", { name: chart })).toBeVisible();
  }
  await expect(page.getByRole("region", { name: "E-mails récents" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Hôtels populaires" }).getByRole("listitem")).toHaveCount(5);
});

test("A user sees their own figures and none that are not for them", async ({ userPage: page, user }) => {
  const title = unique("Fuite d'eau");
  await user.api.post("/tickets/", { title, description: "Chambre 12." });
  await page.goto("/dashboard");
  await expect(figures(page)).toHaveCount(4);
  await expect(figures(page).filter({ hasText: "Tickets" })).toContainText("1 ouvert");
  await expect(figures(page).filter({ hasText: "Messages" })).toContainText("0 non lu");
  await expect(page.getByRole("region", { name: "E-mails par statut" })).toBeHidden();
  await expect(page.getByRole("region", { name: "E-mails récents" })).toBeHidden();
  const recent = page.getByRole("region", { name: "Tickets récents" });
  await expect(recent.getByRole("listitem")).toHaveCount(1);
  await recent.getByRole("link", { name: "Voir tous" }).click();
  await expect(page).toHaveURL(/\/tickets$/);
});

test("A message that waits is among the recent ones and leads to its conversation", async ({
  userPage: page,
  user,
  admin,
}) => {
  const content = unique("Bonjour");
  await admin.api.post("/messages/", { recipient_id: user.user.id, content });
  await page.goto("/dashboard");
  await expect(figures(page).filter({ hasText: "Messages" })).toContainText("1 non lu");
  const row = page.getByRole("region", { name: "Messages récents" }).getByRole("listitem");
  await expect(row).toContainText("De : Fatou Ndiaye");
  await expect(row).toContainText("Non lu");
  await row.getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/messages/${admin.user.id}$`));
});

test(
  "The bell and the dashboard say the same, and both follow what is sent and read",
  { tag: "@once" },
  async ({ userPage: page, user, admin }) => {
    const send = () =>
      admin.api.post<Message>("/messages/", { recipient_id: user.user.id, content: "Bonjour." });
    const agree = async (unread: number) => {
      const bell = unread === 0 ? "Messages, aucun non lu" : new RegExp(`^Messages, ${unread} non lus?$`);
      await expect(page.getByRole("link", { name: bell })).toBeVisible();
      await expect(figures(page).filter({ hasText: "Messages" })).toContainText(
        new RegExp(`${unread} non lus?$`),
      );
      const recent = page.getByRole("region", { name: "Messages récents" });
      await expect(recent.getByText("Non lu", { exact: true })).toHaveCount(unread);
    };
    const first = await send();
    await page.clock.install();
    await page.goto("/dashboard");
    await agree(1);
    await send();
    await page.clock.fastForward("00:31");
    await agree(2);
    // Read in another tab or on another device.
    await user.api.post(`/messages/${first.id}/read/`);
    await page.clock.fastForward("00:31");
    await agree(1);
  },
);

test(
  "The bell follows the list of conversations at once",
  { tag: "@once" },
  async ({ userPage: page, user, admin }) => {
    await page.goto("/messages");
    await expect(page.getByText("Aucun message")).toBeVisible();
    // As if the bell had been asked for just before the message came.
    let isListed = false;
    page.on("response", (response) => {
      if (response.url().includes("box=inbox")) isListed = true;
    });
    await page.route("**/unread-count/", (route) =>
      isListed ? route.fallback() : route.fulfill({ json: { unread: 0 } }),
    );
    await admin.api.post("/messages/", { recipient_id: user.user.id, content: "Bonjour." });
    await page.reload();
    await expect(page.getByRole("navigation", { name: "Conversations" }).getByText("Non lu")).toBeVisible();
    await expect(page.getByRole("link", { name: "Messages, 1 non lu", exact: true })).toBeVisible();
  },
);

test("Behind every chart there is a table, which the keyboard opens", async ({ userPage: page, user }) => {
  await user.api.post("/tickets/", { title: unique("Bruit"), description: "La nuit." });
  await page.goto("/dashboard");
  const chart = page.getByRole("region", { name: "Activité des 30 derniers jours" });
  await chart.getByText("Voir en tableau").focus();
  await page.keyboard.press("Enter");
  const rows = chart.getByRole("table").getByRole("row");
  await expect(rows).toHaveCount(31);
  await expect(rows.first()).toHaveText("DateTicketsMessages");
  // Latest first.
  await expect(rows.nth(1).getByRole("cell").first()).toHaveText("1");
  const { hotels_by_city: cities } = await user.api.get<Dashboard>("/dashboard/");
  const byCity = page.getByRole("region", { name: "Hôtels par ville" });
  await byCity.getByText("Voir en tableau").click();
  await expect(byCity.getByRole("table").getByRole("row")).toHaveCount(cities.length + 1);
  await expectAccessible(page);
  await inEnglish(page);
  await page.getByText("See as a table").first().click();
  await expect(page.getByRole("columnheader", { name: "Date" })).toBeVisible();
  await expectAccessible(page);
});

test("Nothing moves when the figures come", async ({ adminPage: page }) => {
  await page.addInitScript(() => {
    const shifts = { sum: 0 };
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.sum += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto("/dashboard");
  await expect(figures(page).filter({ hasText: "Utilisateurs" })).toContainText("administrateur");
  const shifted = () => page.evaluate(() => (window as unknown as { shifts: { sum: number } }).shifts.sum);
  expect(await shifted()).toBeLessThan(0.05);
});

test("A dashboard that cannot be had says why and is asked for again", async ({ userPage: page }) => {
  await page.route(DASHBOARD, (route) => route.fulfill({ status: 403, json: { detail: "Non." } }));
  await page.goto("/dashboard");
  await expect(page.getByRole("alert")).toContainText("Non.");
  await page.unroute(DASHBOARD);
  await page.route(DASHBOARD, (route) => route.abort());
  await page.reload();
  await expect(page.getByRole("alert")).toContainText("La connexion au serveur a été coupée", {
    timeout: 20_000,
  });
  await page.unroute(DASHBOARD);
  await page.getByRole("button", { name: "Réessayer" }).click();
  await expect(figures(page)).toHaveCount(4);
});
