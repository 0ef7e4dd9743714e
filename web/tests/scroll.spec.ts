import type { Page } from "@playwright/test";
import { expect, test, unique } from "./fixtures";

const scrolled = (page: Page) => page.evaluate(() => window.scrollY);

/** More tickets than one page of the list has. */
async function fillList(user: { api: { post: <T>(path: string, data: unknown) => Promise<T> } }) {
  const make = () =>
    user.api.post("/tickets/", { title: unique("Climatisation"), description: "Chambre 12." });
  for (let page = 0; page < 3; page += 1) await Promise.all(Array.from({ length: 4 }, make));
}

async function scrollToEnd(page: Page): Promise<number> {
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  const place = await scrolled(page);
  expect(place, "the page is longer than the window").toBeGreaterThan(100);
  return place;
}

test.describe("Where a page is opened", { tag: "@once" }, () => {
  // Low enough that every list is longer.
  test.use({ contextOptions: { viewport: { width: 1280, height: 500 } } });

  test("the next page of a list starts at its top, and Back returns", async ({ user, userPage: page }) => {
    await fillList(user);
    await page.goto("/tickets");
    await expect(page.getByText("1–10 sur 12")).toBeVisible();
    const place = await scrollToEnd(page);
    await page.getByRole("button", { name: "Page suivante" }).click();
    await expect(page.getByText("11–12 sur 12")).toBeVisible();
    expect(await scrolled(page)).toBe(0);
    await page.goBack();
    await expect.poll(() => scrolled(page)).toBe(place);
    // The same page again, by another way.
    await page.getByRole("button", { name: "Page suivante" }).click();
    await expect(page.getByText("11–12 sur 12")).toBeVisible();
    expect(await scrolled(page)).toBe(0);
  });

  test("a link of the menu leads to the top of its screen", async ({ user, userPage: page }) => {
    await fillList(user);
    await page.goto("/tickets");
    await expect(page.getByText("1–10 sur 12")).toBeVisible();
    await scrollToEnd(page);
    const menu = page.getByRole("navigation", { name: "Navigation principale" });
    await menu.getByRole("link", { name: "Tableau de bord" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Bienvenue" })).toBeVisible();
    expect(await scrolled(page)).toBe(0);
    await menu.getByRole("link", { name: "Tickets" }).click();
    await expect(page.getByText("1–10 sur 12")).toBeVisible();
    expect(await scrolled(page)).toBe(0);
  });

  test("the arrow back to a list shows what was in view", async ({ user, userPage: page }) => {
    await fillList(user);
    await page.goto("/tickets");
    const row = page.getByRole("table").getByRole("link").last();
    await row.scrollIntoViewIfNeeded();
    const place = await scrollToEnd(page);
    await row.click();
    const back = page.getByRole("link", { name: "Revenir à la liste des tickets" });
    await expect(back).toBeVisible();
    expect(await scrolled(page)).toBe(0);
    await back.click();
    await expect(page.getByText("1–10 sur 12")).toBeVisible();
    expect(await scrolled(page)).toBe(place);
  });

  test("a filter moves nothing", async ({ user, userPage: page }) => {
    await fillList(user);
    await page.goto("/tickets");
    await expect(page.getByText("1–10 sur 12")).toBeVisible();
    await page.evaluate(() => window.scrollTo(0, 60));
    await page.getByLabel("Trier par").selectOption("Plus anciens");
    await expect(page).toHaveURL(/ordering=created_at/);
    expect(await scrolled(page)).toBe(60);
  });
});
