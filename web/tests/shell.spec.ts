import type { Form } from "../src/api/schema";
import { expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

test("A page that does not exist says so and leads back", async ({ userPage: page }) => {
  await page.goto("/nulle-part");
  await expect(page.getByRole("heading", { name: "Page introuvable" })).toBeVisible();
  await expectAccessible(page);
  await inEnglish(page);
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Back to the dashboard" }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
});

test("An administration that is not for somebody does not exist for them", async ({ userPage: page }) => {
  await page.goto("/admin");
  await expect(page.getByRole("heading", { name: "Page introuvable" })).toBeVisible();
});

test("Whoever is offline is told so", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.getByText("Hors ligne : ce que vous voyez peut dater.")).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByText("Hors ligne : ce que vous voyez peut dater.")).toBeHidden();
});

test("The keyboard reaches the content, and what is in focus can be seen", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Aller au contenu" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
});

test(
  "Nothing turns or blinks for those who want less motion",
  { tag: "@once" },
  async ({ userPage: page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto("/tickets/new");
    await page.route("**/api/tickets/", () => undefined);
    await page.getByLabel("Titre").fill("Lampe");
    await page.getByLabel("Description").fill("Elle clignote.");
    await page.getByRole("button", { name: "Enregistrer" }).click();
    const spinner = page.locator(".animate-spin");
    await expect(spinner).toBeVisible();
    await expect(spinner).toHaveCSS("animation-iteration-count", "1");
  },
);

test(
  "The screen that was loaded first takes the focus again",
  { tag: "@once" },
  async ({ userPage: page }) => {
    await page.goto("/tickets");
    await page.getByRole("link", { name: "Liste des hôtels" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Hôtels" })).toBeFocused();
    await page.getByRole("navigation").getByRole("link", { name: "Tickets" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Tickets" })).toBeFocused();
  },
);

test(
  "Cards and buttons keep their edges where the system sets the colours",
  { tag: "@once" },
  async ({ adminPage: page }) => {
    await page.emulateMedia({ forcedColors: "active" });
    await page.goto("/hotels");
    await expect(page.locator(".card").first()).toBeVisible();
    const withoutEdge = await page.evaluate(() =>
      [
        ...document.querySelectorAll<HTMLElement>(
          "main .card, main button:not([aria-sort] *, [role=radio]), main a[class*=rounded-lg]",
        ),
      ]
        .filter((element) => element.checkVisibility() && !element.closest("[role=group]"))
        .filter((element) => getComputedStyle(element).borderTopWidth === "0px")
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect(withoutEdge).toEqual([]);
    const chosen = page.getByRole("radio", { name: "Cartes" });
    await expect(chosen).toHaveCSS("outline-width", "2px");
  },
);

test(
  "Every row of every list is opened from anywhere on it",
  { tag: "@once" },
  async ({ admin, adminPage: page }) => {
    const fields = [{ name: "nom", label: "Nom", type: "text" }];
    const form = await admin.api.post<Form>("/forms/", { title: unique("Séjour"), fields });
    await admin.api.post("/entries/", { form: form.id, data: { nom: "Awa" } });
    await admin.api.post("/tickets/", { title: unique("Lampe"), description: "Chambre 12." });
    const lists = [
      "/hotels?view=table",
      "/users",
      "/forms",
      "/entries",
      `/entries/${form.id}`,
      "/tickets",
      "/emails",
    ];
    for (const list of lists) {
      await page.goto(list);
      const rows = page.locator("tbody tr");
      await expect(rows.first().or(page.getByText("Aucun e-mail trouvé"))).toBeVisible();
      await expect(page.locator("tbody tr:not(:has(.row-link))")).toHaveCount(0);
      if ((await rows.count()) === 0) continue;
      await page.keyboard.press("j");
      await expect(rows.first().locator(".row-link")).toBeFocused();
    }
  },
);

test("A filter that cannot be is cleared in every list", { tag: "@once" }, async ({ adminPage: page }) => {
  for (const list of ["/tickets", "/emails", "/audit"]) {
    await page.goto(`${list}?created_at__gte=demain`);
    const error = page.getByRole("alert").filter({ hasText: /depuis le\s:/i });
    await expect(error).toBeVisible();
    await error.getByRole("button", { name: "Effacer les filtres" }).click();
    await expect(page).toHaveURL(new RegExp(`${list}$`));
  }
});
