import type { Page } from "@playwright/test";
import type { Hotel } from "../src/api/schema";
import { expect, expectAccessible, inEnglish, type Person, test, unique } from "./fixtures";

const hotelOf = ({ api }: Person, name: string) =>
  api.post<Hotel>("/hotels/", { name, city: "Dakar", price_per_night: "45000" });

async function openFilters(page: Page) {
  const filters = page.getByRole("button", { name: "Filtres", exact: true });
  if (await filters.isVisible()) await filters.click();
}

const events = (page: Page) => page.getByRole("list", { name: "Événements" }).getByRole("listitem");

test("What an administrator did stands there in words, field by field", async ({
  adminPage: page,
  admin,
}) => {
  const hotel = await hotelOf(admin, unique("Hôtel"));
  await admin.api.patch(`/hotels/${hotel.id}/`, { city: "Saly", description: "x".repeat(2_000) });
  await page.goto(`/audit?actor=${admin.user.id}&resource=hotel`);
  await expect(events(page)).toHaveCount(2);
  const update = events(page).first();
  await expect(update).toContainText(`a modifié l'hôtel #${hotel.id}`);
  await expect(update.getByRole("button")).toHaveText("Fatou Ndiaye");
  await expect(update).toContainText("127.0.0.1");
  await update.getByText("2 champs").click();
  await expect(update.getByText("avant Dakar")).toBeVisible();
  await expect(update.getByText("après Saly")).toBeVisible();
  await expect(update.getByText(/x{300}…/)).toBeVisible();
  await expectAccessible(page);
  await inEnglish(page);
  await expect(page.getByText(`changed the hotel #${hotel.id}`)).toBeVisible();
});

test("The log is narrowed to what one person did", async ({ adminPage: page, admin }) => {
  const hotel = await hotelOf(admin, unique("Hôtel"));
  await page.goto(`/audit?resource=hotel&object_id=${hotel.id}`);
  await page.getByRole("button", { name: "Fatou Ndiaye, ne voir que ses actions" }).click();
  await expect(page).toHaveURL(new RegExp(`actor=${admin.user.id}`));
  await openFilters(page);
  await page.getByLabel("Action", { exact: true }).selectOption("Suppression");
  await expect(page.getByText("Aucun événement trouvé")).toBeVisible();
  await page.getByRole("button", { name: /^Retirer le filtre/ }).click();
  await expect(page).not.toHaveURL(/actor=/);
  await page.getByLabel("Action", { exact: true }).selectOption("Création");
  await expect(events(page)).toHaveCount(1);
  await page.getByLabel("Jusqu'au").fill("2020-01-31");
  await expect(page.getByText("Aucun événement trouvé")).toBeVisible();
  await expect(page).toHaveURL(/created_at__lte=2020-01-31/);
});

test("An action that has no words yet shows as it is", async ({ adminPage: page }) => {
  const event = { id: 1, actor: null, actor_email: "", action: "archive", resource: "safe", object_id: 7 };
  await page.route("**/api/audit/?*", (route) =>
    route.fulfill({
      json: {
        count: 1,
        next: null,
        previous: null,
        results: [{ ...event, changes: {}, ip: null, created_at: "2026-11-22T09:05:00Z" }],
      },
    }),
  );
  await page.goto("/audit");
  await expect(events(page)).toContainText("Une personne inconnue archive safe #7");
  await expect(events(page)).toContainText("22/11/2026 à 09:05");
});

test("A page of the log that does not exist leads to the first", async ({ adminPage: page }) => {
  await page.goto("/audit?page=99999");
  await expect(events(page).first()).toBeVisible();
  await expect(page).toHaveURL(/\/audit$/);
});
