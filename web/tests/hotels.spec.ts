import type { Page } from "@playwright/test";
import type { Hotel } from "../src/api/schema";
import { type Api, expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

const LIST = "**/api/hotels/?*";

function make(api: Api, changes: Partial<Hotel> = {}): Promise<Hotel> {
  const hotel = { name: unique("Hôtel"), city: "Thiès", price_per_night: "45000", address: "Escale" };
  return api.post("/hotels/", { ...hotel, rooms_count: 20, available_rooms: 5, rating: 4.5, ...changes });
}

/** The hotels that are on the screen, as cards or as rows. */
const names = (page: Page) => page.locator("main").getByRole("heading", { level: 2 });
const search = (page: Page) => page.getByRole("searchbox", { name: "Rechercher un hôtel" });

/** On a phone the filters are behind a button. */
async function openFilters(page: Page) {
  const button = page.getByRole("button", { name: "Filtres", exact: true });
  if (await button.isVisible()) await button.click();
}

/** A picture of this many pixels, in the program that is tested. */
async function picture(page: Page, width: number, height: number): Promise<Buffer> {
  const data = await page.evaluate(
    ([width, height]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d");
      if (context) context.fillStyle = "teal";
      context?.fillRect(0, 0, canvas.width, canvas.height);
      return canvas.toDataURL("image/png");
    },
    [width, height] as const,
  );
  return Buffer.from(data.split(",")[1] ?? "", "base64");
}

test("What is searched for and filtered is in the address, and there after reloading", async ({
  userPage: page,
  api,
}) => {
  const word = unique("Dëkkuwaay").replace(" ", "");
  const cheap = await make(api, { name: `Auberge ${word}`, price_per_night: "15000" });
  const dear = await make(api, { name: `Palais ${word}`, price_per_night: "150000" });
  await make(api, { name: `Caché ${word}`, is_active: false });
  await page.goto("/hotels");
  await search(page).fill(word.replace("ë", "e").toUpperCase());
  await expect(names(page)).toHaveText([dear.name, cheap.name]);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Hôtels2");
  await openFilters(page);
  await page.getByLabel("Trier par").selectOption("Prix croissant");
  await expect(names(page)).toHaveText([cheap.name, dear.name]);
  await page.getByLabel("Prix maximum").fill("20000");
  await expect(names(page)).toHaveText([cheap.name]);
  await expect(page).toHaveURL(/search=DEKKUWAAY.*ordering=price_per_night.*price_per_night__lte=20000/);
  await page.reload();
  await expect(names(page)).toHaveText([cheap.name]);
  await expect(search(page)).toHaveValue(/DEKKUWAAY/);
  await page.getByRole("button", { name: "Effacer les filtres" }).first().click();
  await expect(page).toHaveURL(/\/hotels\?ordering=price_per_night$/);
  await expect(search(page)).toHaveValue("");
});

test("Hotels are cards or a table, which sorts by its headers", async ({ adminPage: page, api }) => {
  const word = unique("Ordre").replace(" ", "");
  await Promise.all([
    make(api, { name: `B ${word}`, price_per_night: "25000", is_active: false }),
    make(api, { name: `A ${word}`, price_per_night: "36000" }),
  ]);
  await page.goto(`/hotels?search=${word}`);
  const card = page.getByRole("listitem").filter({ hasText: `B ${word}` });
  await expect(card).toContainText("25 000 F XOF par nuit");
  await expect(card).toContainText("Inactif");
  await expect(card).toContainText("5 libres sur 20 chambres");
  await page.getByRole("radio", { name: "Tableau" }).click();
  const rows = page.getByRole("table", { name: "Hôtels" }).getByRole("row");
  await expect(rows).toHaveCount(3);
  await expectAccessible(page);
  await page.goto(`${page.url()}&ordering=name`);
  await expect(rows.nth(1)).toContainText(`A ${word}`);
  const header = page.getByRole("columnheader", { name: "Nom de l'hôtel" });
  await expect(header).toHaveAttribute("aria-sort", "ascending");
  await header.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(rows.nth(1)).toContainText(`B ${word}`);
  await expect(page).toHaveURL(/view=table.*ordering=-name/);
});

test("Pages are in the address, and one that is no more leads to the first", async ({
  userPage: page,
  api,
}) => {
  // With the twelve samples a second page.
  await make(api);
  await page.goto("/hotels?page=2");
  await expect(page.getByText(/^13–\d+ sur \d+/)).toBeVisible();
  await page.getByRole("button", { name: "Page précédente" }).click();
  await expect(page).toHaveURL(/\/hotels$/);
  await expect(page.getByText(/^1–12 sur \d+/)).toBeVisible();
  await page.goto("/hotels?page=9999");
  await expect(page.getByText(/^1–12 sur \d+/)).toBeVisible();
});

test("An administrator creates a hotel with a photo, which is made smaller", async ({
  adminPage: page,
  api,
}) => {
  await page.goto("/hotels");
  await page.getByRole("link", { name: "Créer un nouveau hôtel" }).click();
  await expect(page.getByRole("heading", { name: "CRÉER UN NOUVEAU HÔTEL" })).toBeFocused();
  const name = unique("Hôtel Teranga");
  await page.getByLabel("Nom de l'hôtel").fill(name);
  await page.getByLabel("Ville").fill("Saint-Louis");
  await page.getByLabel("Prix par nuit").fill("33 000");
  await page.getByLabel("Note").fill("4,7");
  await page.getByLabel("Chambres").fill("70");
  await page.getByLabel("Disponibles").fill("25");
  const photo = page.getByLabel("Ajouter une photo");
  await photo.setInputFiles({ name: "note.txt", mimeType: "image/png", buffer: Buffer.from("rien") });
  await expect(page.getByText("Ce fichier ne peut pas être lu comme une image.")).toBeVisible();
  const buffer = await picture(page, 2400, 1200);
  await photo.setInputFiles({ name: "photo.png", mimeType: "image/png", buffer });
  await expect(page.getByAltText("Aperçu de la photo")).toBeVisible();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText(`${name} est créé.`, { exact: true })).toBeVisible();
  await search(page).fill(name);
  const shown = page.getByAltText(`Photo de ${name}`);
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1600);
  const { results } = await api.get<{ results: Hotel[] }>(`/hotels/?search=${encodeURIComponent(name)}`);
  expect(results).toMatchObject([{ price_per_night: "33000.00", rating: 4.7, available_rooms: 25 }]);
});

test("What the API refuses is said at its field, and above the form where it has none", async ({
  adminPage: page,
}) => {
  await page.goto("/hotels/new");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Ce champ est obligatoire.")).toHaveCount(2);
  await expect(page.getByLabel("Nom de l'hôtel")).toBeFocused();
  await page.getByLabel("Nom de l'hôtel").fill(unique("Hôtel"));
  await page.getByLabel("Ville").fill("Dakar");
  await page.getByLabel("Prix par nuit").fill("45000");
  await page.getByLabel("E-mail").fill("pas une adresse");
  await page.getByLabel("Note").fill("9");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Note")).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);
  await page.getByLabel("E-mail").fill("accueil@example.sn");
  await page.getByLabel("Note").fill("4");
  await page.getByLabel("Chambres").fill("2");
  await page.getByLabel("Disponibles").fill("3");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("Disponibles")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Disponibles")).toBeFocused();
  await expect(page.getByRole("alert")).toContainText("ne peuvent pas dépasser le nombre de chambres");
});

test("Whoever was slower is told so, and may start again from the other version", async ({
  adminPage: page,
  api,
}) => {
  const hotel = await make(api, { description: "Au calme." });
  await page.goto(`/hotels/${hotel.id}/edit`);
  await page.getByLabel("Ville").fill("Mbour");
  await api.patch(`/hotels/${hotel.id}/`, { description: "Rénové." });
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByRole("alert")).toContainText("Quelqu'un d'autre a modifié");
  await expect(page.getByLabel("Ville")).toHaveValue("Mbour");
  await page.getByRole("button", { name: "Recharger et perdre mes modifications" }).click();
  await expect(page.getByLabel("Description")).toHaveValue("Rénové.");
  await expect(page.getByLabel("Ville")).toHaveValue(hotel.city);
  await page.getByLabel("Ville").fill("Mbour");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText(`${hotel.name} est enregistré.`, { exact: true })).toBeVisible();
  expect(await api.get(`/hotels/${hotel.id}/`)).toMatchObject({ city: "Mbour", description: "Rénové." });
});

test("The list is as it was left, after editing and after going back", async ({ adminPage: page, api }) => {
  const { name } = await make(api);
  const shown = /\/hotels\?ordering=name&view=table&search=/;
  await page.goto(`/hotels?ordering=name&view=table&search=${encodeURIComponent(name)}`);
  await page.getByRole("link", { name: `Modifier ${name}` }).click();
  await page.getByRole("link", { name: "Revenir à la liste des hôtels" }).click();
  await expect(page).toHaveURL(shown);
  await page.getByRole("link", { name: `Modifier ${name}` }).click();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page).toHaveURL(shown);
});

test("A photo is taken away again", async ({ adminPage: page, api }) => {
  await page.goto("/hotels/new");
  const photo = await picture(page, 40, 30);
  const image = `data:image/png;base64,${photo.toString("base64")}`;
  const hotel = await api.post<Hotel>("/hotels/", {
    name: unique("Hôtel"),
    city: "Kolda",
    price_per_night: "21000",
    image_base64: image,
  });
  await page.goto(`/hotels/${hotel.id}/edit`);
  await page.getByRole("button", { name: "Retirer la photo" }).click();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText(`${hotel.name} est enregistré.`, { exact: true })).toBeVisible();
  expect(await api.get(`/hotels/${hotel.id}/`)).toMatchObject({ image_url: null });
});

test("A hotel is deleted after a question, which can be answered with no", async ({
  adminPage: page,
  api,
}) => {
  const hotel = await make(api);
  await page.goto(`/hotels?search=${encodeURIComponent(hotel.name)}`);
  const remove = page.getByRole("button", { name: `Supprimer ${hotel.name}` });
  await remove.click();
  const question = page.getByRole("alertdialog", { name: `Supprimer ${hotel.name} ?` });
  await expect(question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await expect(remove).toBeFocused();
  await remove.click();
  await page.route("**/api/hotels/*/", (route) => route.fulfill({ status: 503, json: {} }), { times: 1 });
  await question.getByRole("button", { name: "Supprimer" }).click();
  await expect(question.getByRole("alert")).toContainText("momentanément indisponible");
  await question.getByRole("button", { name: "Supprimer" }).click();
  await expect(page.getByText(`${hotel.name} est supprimé.`, { exact: true })).toBeVisible();
  await expect(page.getByText("Aucun hôtel trouvé")).toBeVisible();
});

test("A user sees no button of the administration, and no page", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(names(page).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Créer un nouveau hôtel" })).toBeHidden();
  await expect(page.getByRole("link", { name: /^Modifier/ })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Supprimer/ })).toHaveCount(0);
  await openFilters(page);
  await expect(page.getByLabel("Ville")).toBeVisible();
  await expect(page.getByLabel("État")).toBeHidden();
  for (const path of ["/hotels/new", "/hotels/1/edit"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "Page introuvable" })).toBeVisible();
  }
});

test("A list that cannot be had says why and is asked for again", async ({ userPage: page }) => {
  await page.route(LIST, (route) =>
    route.fulfill({ status: 429, headers: { "Retry-After": "30" }, json: {} }),
  );
  await page.goto("/hotels");
  await expect(page.getByText("Trop de demandes. Réessayez dans 30 secondes.")).toBeVisible();
  await expectAccessible(page);
  await inEnglish(page);
  await expect(page.getByText("Too many requests. Try again in 30 seconds.")).toBeVisible();
  await page.unroute(LIST);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(names(page).first()).toBeVisible();
});

test("Where nothing is found, it says so and what to do about it", async ({ adminPage: page }) => {
  await page.goto(`/hotels?search=${crypto.randomUUID()}`);
  await expect(page.getByText("Aucun hôtel trouvé")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Effacer les filtres" }).first().click();
  await expect(names(page).first()).toBeVisible();
});

test("A hotel that is gone has no form", async ({ adminPage: page }) => {
  await page.goto("/hotels/999999999/edit");
  await expect(page.getByText("Cet élément n'existe pas, ou n'existe plus.")).toBeVisible();
});

test("A form is not left by accident, not even after a mistake in it", async ({ adminPage: page }) => {
  await page.goto("/hotels/new");
  await page.getByLabel("Nom de l'hôtel").fill("Hôtel");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("Ville")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Ville").fill("Dakar");
  await page.getByLabel("Prix par nuit").fill("45000");
  const back = page.getByRole("link", { name: "Revenir à la liste des hôtels" });
  await back.click();
  await page.getByRole("button", { name: "Continuer la saisie" }).click();
  await expect(page.getByLabel("Nom de l'hôtel")).toHaveValue("Hôtel");
  await back.click();
  await page.getByRole("button", { name: "Quitter" }).click();
  await expect(page).toHaveURL(/\/hotels$/);
});

test("The key / leads to the search", async ({ userPage: page }) => {
  await page.goto("/hotels");
  await expect(names(page).first()).toBeVisible();
  await page.keyboard.press("/");
  await expect(search(page)).toBeFocused();
  await expect(search(page)).toHaveValue("");
});

test("What is printed is the hotels, without the controls around them", async ({ adminPage: page }) => {
  await page.goto("/hotels");
  await expect(names(page).first()).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(names(page).first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Filtres" })).toBeHidden();
  await expect(search(page)).toBeHidden();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
});

test("A price is read as people write it", { tag: "@once" }, async ({ adminPage: page, api }) => {
  await page.goto("/hotels/new");
  const name = unique("Hôtel");
  await page.getByLabel("Nom de l'hôtel").fill(name);
  await page.getByLabel("Ville").fill("Kolda");
  const price = page.getByLabel("Prix par nuit");
  await price.fill("25000,50");
  await page.getByLabel("Numéro de téléphone").fill("abc");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(price).toHaveAccessibleDescription(/Le franc CFA n'a pas de centimes/);
  await expect(page.getByText("Saisissez un numéro de téléphone valide")).toBeVisible();
  await page.getByLabel("Numéro de téléphone").fill("");
  await price.fill("25.000");
  await expect(price).toHaveAccessibleDescription("Compris : 25 000 F XOF");
  await page.getByLabel("Chambres").fill("1 200");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText(`${name} est créé.`, { exact: true })).toBeVisible();
  const { results } = await api.get<{ results: Hotel[] }>(`/hotels/?search=${encodeURIComponent(name)}`);
  expect(results).toMatchObject([{ price_per_night: "25000.00", rooms_count: 1200 }]);
});

test("A city is spelt as it is known", { tag: "@once" }, async ({ adminPage: page, api }) => {
  await make(api, { city: "Thiès" });
  await page.goto("/hotels/new");
  const city = page.getByLabel("Ville");
  await expect(page.locator("datalist option", { hasText: "Thiès" })).toHaveCount(1);
  await city.fill("THIES");
  await page.keyboard.press("Tab");
  await expect(city).toHaveValue("Thiès");
  await city.fill(unique("Saly"));
  await page.keyboard.press("Tab");
  await expect(city).toHaveValue(/^Saly /);
});

test(
  "A filter that cannot be read says so, and one that can is understood",
  { tag: "@once" },
  async ({ userPage: page }) => {
    await page.goto("/hotels");
    const most = page.getByLabel("Prix maximum");
    await most.fill("cher");
    await expect(most).toHaveAccessibleDescription(/Saisissez un nombre/);
    await expect(page).toHaveURL(/\/hotels$/);
    await most.fill("25 000");
    await expect(page).toHaveURL(/price_per_night__lte=25000$/);
    await expect(most).toHaveValue("25 000");
    await expect(most).not.toHaveAttribute("aria-invalid");
  },
);

test("Each filter is a step back, however it is typed", { tag: "@once" }, async ({ userPage: page }) => {
  await page.goto("/dashboard");
  await page.getByRole("link", { name: "Liste des hôtels" }).click();
  await page.getByRole("combobox", { name: "Ville" }).selectOption("Dakar");
  await expect(page).toHaveURL(/city=Dakar$/);
  const most = page.getByLabel("Prix maximum");
  await most.fill("90");
  await expect(page).toHaveURL(/price_per_night__lte=90$/);
  await most.fill("90000");
  await expect(page).toHaveURL(/price_per_night__lte=90000$/);
  await page.goBack();
  await expect(page).toHaveURL(/city=Dakar$/);
  await expect(most).toHaveValue("");
  await page.goBack();
  await expect(page).toHaveURL(/\/hotels$/);
  await expect(page.getByLabel("Ville")).toHaveValue("");
  await page.goBack();
  await expect(page).toHaveURL(/\/dashboard$/);
});

test("A filter that the API refuses is named and cleared", { tag: "@once" }, async ({ userPage: page }) => {
  await page.goto("/hotels?price_per_night__gte=cher");
  const error = page.getByRole("alert").filter({ hasText: "ne peut pas être filtrée" });
  await expect(error).toContainText("Prix minimum");
  await expect(page.getByRole("button", { name: "Réessayer" })).toBeHidden();
  await error.getByRole("button", { name: "Effacer les filtres" }).click();
  await expect(page).toHaveURL(/\/hotels$/);
  await expect(names(page).first()).toBeVisible();
});

test("Everybody can read all about a hotel", async ({ userPage: page, api }) => {
  const hotel = await make(api, {
    description: "Vue sur le fleuve.",
    email: "accueil@example.sn",
    phone: "+221 33 961 10 10",
  });
  await page.goto(`/hotels?search=${encodeURIComponent(hotel.name)}`);
  // Anywhere on the card.
  await page
    .getByRole("listitem")
    .filter({ hasText: hotel.name })
    .click({ position: { x: 20, y: 20 } });
  await expect(page.getByRole("heading", { level: 1, name: hotel.name })).toBeFocused();
  await expect(page.getByText("Vue sur le fleuve.")).toBeVisible();
  await expect(page.getByRole("link", { name: "+221 33 961 10 10" })).toHaveAttribute("href", /^tel:\+22133/);
  await expect(page.getByRole("link", { name: "accueil@example.sn" })).toHaveAttribute("href", /^mailto:/);
  await expectAccessible(page);
});

test(
  "Stars are shown to the half, and none without a rating",
  { tag: "@once" },
  async ({ userPage: page, api }) => {
    const word = unique("Note").replace(" ", "");
    await make(api, { name: `A ${word}`, rating: 4.6 });
    await make(api, { name: `B ${word}`, rating: 4.1 });
    await make(api, { name: `C ${word}`, rating: 0 });
    await page.goto(`/hotels?search=${word}&ordering=name`);
    const card = (letter: string) => page.getByRole("listitem").filter({ hasText: `${letter} ${word}` });
    await expect(card("A").locator("[data-fill=half]")).toHaveCount(1);
    await expect(card("B").locator("[data-fill=whole]")).toHaveCount(4);
    await expect(card("B").locator("[data-fill=half]")).toHaveCount(0);
    await expect(card("C").locator("[data-fill]")).toHaveCount(0);
    await expect(card("C")).toContainText("Pas de note");
  },
);
