import type { Page } from "@playwright/test";
import type { Form } from "../src/api/schema";
import { paths } from "../src/lib/paths";
import { type Api, expect, test } from "../tests/fixtures";
import { measure, observe, report } from "./measure";

/** How often each interaction is measured, and how much slower than this machine the page runs. */
const TIMES = Number(process.env.RED_TIMES ?? 10);
const SLOWDOWN = Number(process.env.RED_SLOWDOWN ?? 1);
const FIELDS = 100;

/** In the page: the first row or card once the list is that of the present address. */
const changed = (before: string) => {
  const list = document.querySelector("main table, main ul[aria-busy]");
  const first = list?.querySelector("tbody tr, li")?.textContent ?? "";
  return first !== "" && first !== before && !document.querySelector("main [aria-busy=true]");
};
const opened = () => document.querySelector("main form input") !== null;

function firstRow(page: Page): Promise<string> {
  return page.evaluate(
    () => document.querySelector("main tbody tr, main ul[aria-busy] li")?.textContent ?? "",
  );
}

async function ready(page: Page, path: string) {
  await page.goto(path);
  await expect(page.locator("main h1, h1").first()).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await page.waitForLoadState("networkidle");
}

/** What leads to other rows. */
async function rows(page: Page, name: string, act: () => Promise<unknown>) {
  await measure(page, name, act, changed, await firstRow(page));
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

async function hotels(page: Page) {
  await ready(page, paths.dashboard);
  await rows(page, "hotels: open the list", () =>
    page.getByRole("link", { name: "Liste des hôtels" }).click(),
  );
  await rows(page, "hotels: search, typing “saly”", () =>
    page.getByRole("searchbox").pressSequentially("saly", { delay: 80 }),
  );
  await ready(page, paths.hotels);
  await rows(page, "hotels: filter by city", () => page.getByLabel("Ville").selectOption("Dakar"));
  await ready(page, paths.hotels);
  await rows(page, "hotels: next page", () => button(page, "Page suivante").click());
  await ready(page, `${paths.hotels}?page=800`);
  await rows(page, "hotels: next page, deep in the list", () => button(page, "Page suivante").click());
  await ready(page, paths.hotels);
  await measure(
    page,
    "hotels: cards to table",
    () => page.getByRole("radio", { name: "Tableau" }).click(),
    () => document.querySelector("main table") !== null,
    undefined,
  );
  await rows(page, "hotels: sort", () =>
    page.getByRole("columnheader", { name: "Prix par nuit" }).getByRole("button").click(),
  );
  await measure(
    page,
    "hotels: table to cards",
    () => page.getByRole("radio", { name: "Cartes" }).click(),
    () => document.querySelector("main table") === null,
    undefined,
  );
  await measure(
    page,
    "hotels: open one",
    () =>
      page
        .getByRole("link", { name: /^Modifier / })
        .first()
        .click(),
    opened,
    undefined,
  );
}

async function entries(page: Page, form: Form) {
  const path = paths.entriesOf(form.id);
  await ready(page, paths.entries);
  await rows(page, "entries: open the table", () =>
    page.getByRole("row").filter({ hasText: form.title }).getByRole("link").first().click(),
  );
  await rows(page, "entries: next page", () => button(page, "Page suivante").click());
  await ready(page, `${path}?page=${Math.ceil(form.entries_count / 10) - 1}`);
  await rows(page, "entries: last page", () => button(page, "Page suivante").click());
  await ready(page, path);
  const day = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
  await rows(page, "entries: filter by day", () => page.getByLabel("Jusqu'au").fill(day));
  await measure(
    page,
    "entries: open one",
    () =>
      page
        .getByRole("link", { name: /^Voir l'entrée/ })
        .first()
        .click(),
    () =>
      /#\d/.test(document.querySelector("h1")?.textContent ?? "") &&
      !document.querySelector("main [aria-busy=true]"),
    undefined,
  );
  await ready(page, path);
  await measure(
    page,
    "entries: export as CSV",
    () => button(page, "Exporter tout (CSV)").click(),
    () => document.body.innerText.includes("L'export est téléchargé."),
    undefined,
  );
}

async function builder(page: Page, form: Form) {
  await ready(page, paths.editForm(form.id));
  const fields = page.getByRole("region", { name: "Champs" });
  const items = fields.getByRole("listitem");
  const label = fields.getByRole("textbox", { name: "Libellé" });
  await measure(
    page,
    "builder: open a field",
    () => fields.getByRole("button", { name: /^50\. / }).click(),
    () => document.querySelector("[id$=-panel]") !== null,
    undefined,
  );
  await label.focus();
  await page.keyboard.press("End");
  await measure(
    page,
    "builder: type in a label, until the preview shows it",
    () => page.keyboard.type(" bis", { delay: 80 }),
    () => (document.querySelector("[aria-labelledby=preview-title]")?.textContent ?? "").includes("50 bis"),
    undefined,
  );
  await measure(
    page,
    "builder: move a field",
    () => fields.getByRole("button", { name: "Descendre Question 50 bis" }).click(),
    () => /^51\. .*bis/.test(document.activeElement?.closest("li")?.textContent ?? ""),
    undefined,
  );
  await measure(
    page,
    "builder: remove a field",
    () => button(page, "Retirer ce champ").click(),
    (before) => document.querySelectorAll("[aria-labelledby=fields-title] li").length === before - 1,
    await items.count(),
  );
  await fields.getByRole("button", { name: /^50\. / }).click();
  await measure(
    page,
    "builder: duplicate a field",
    () => button(page, "Dupliquer").click(),
    (before) => document.querySelectorAll("[aria-labelledby=fields-title] li").length === before + 1,
    await items.count(),
  );
  // Nothing of it is kept.
  await page.goto("about:blank");
}

async function publicForm(page: Page, form: Form) {
  await ready(page, paths.publicForm(form.id));
  await page.getByLabel("Question 50").focus();
  await measure(
    page,
    "public form: type",
    () => page.keyboard.type("Bonjour", { delay: 80 }),
    () => document.activeElement instanceof HTMLInputElement && document.activeElement.value === "Bonjour",
    undefined,
  );
  const box = page.getByRole("checkbox").first();
  await measure(
    page,
    "public form: tick",
    () => box.click(),
    () => document.querySelector("input[type=checkbox]:checked") !== null,
    undefined,
  );
  await measure(
    page,
    "public form: submit with errors",
    () => button(page, "Envoyer").click(),
    () => document.querySelectorAll("[aria-invalid=true]").length > 10,
    undefined,
  );
  // What was typed is kept for the same tab.
  await page.evaluate(() => sessionStorage.clear());
}

/** A field of each kind, again and again; every second one must be filled in. */
function makeForm(api: Api): Promise<Form> {
  const kinds = [
    { type: "text" },
    { type: "boolean" },
    { type: "select", options: ["Oui", "Non", "Peut-être"] },
    { type: "textarea" },
    { type: "multiselect", options: ["Accueil", "Chambre", "Restaurant", "Plage"] },
    { type: "integer", min: 0, max: 10 },
    { type: "date" },
    { type: "email" },
    { type: "phone" },
  ];
  const fields = Array.from({ length: FIELDS }, (_, index) => ({
    name: `question_${index + 1}`,
    label: `Question ${index + 1}`,
    required: index % 2 === 0,
    ...(index === 49 ? kinds[0] : kinds[index % kinds.length]),
  }));
  return api.post("/forms/", { title: `Cent questions ${Date.now()}`, fields });
}

test("Interactions with much data", async ({ api, adminPage: page }) => {
  const form = await makeForm(api);
  const { results } = await api.get<{ results: Form[] }>("/forms/?page_size=100");
  const [fullest] = results.toSorted((a, b) => b.entries_count - a.entries_count);
  if (!fullest) throw new Error("there is no form");
  await observe(page);
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });

  for (let time = 0; time < TIMES; time += 1) {
    await hotels(page);
    await entries(page, fullest);
    await builder(page, form);
    await publicForm(page, form);
  }
  process.stdout.write(`\n${report(SLOWDOWN)}\n\n`);
});
