import { readFile } from "node:fs/promises";
import type { Entry, Form } from "../src/api/schema";
import { paths } from "../src/lib/paths";
import { type Api, expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

const FIELDS = [
  { name: "nom", label: "Nom", type: "text", required: true, max_length: 40 },
  { name: "spa", label: "Spa", type: "boolean" },
  { name: "arrivee", label: "Arrivée", type: "date" },
  { name: "services", label: "Services", type: "multiselect", options: ["Bar", "Piscine"] },
  { name: "site", label: "Site", type: "url" },
];

async function makeEntries(api: Api, ...names: string[]): Promise<{ form: Form; entries: Entry[] }> {
  const form = await api.post<Form>("/forms/", { title: unique("Votre séjour"), fields: FIELDS });
  const entries: Entry[] = [];
  for (const nom of names) {
    const data = {
      nom,
      spa: true,
      arrivee: "2026-11-22",
      services: ["Bar", "Piscine"],
      site: "https://a.sn/",
    };
    entries.push(await api.post<Entry>("/entries/", { form: form.id, data }));
  }
  return { form, entries };
}

test("A form is chosen, and its entries are shown by type", async ({ admin, adminPage: page }) => {
  const { form } = await makeEntries(admin.api, "Awa", "Moussa");
  await page.goto(`${paths.entries}?search=${encodeURIComponent(form.title)}`);
  await expectAccessible(page);
  await page.getByRole("link", { name: form.title }).click();
  await expect(page.getByRole("heading", { name: `Entrées : ${form.title}` })).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: "Awa" });
  for (const value of ["Oui", "22/11/2026", "Bar, Piscine"]) {
    await expect(row.getByText(value, { exact: true })).toBeVisible();
  }
  await expect(page.getByText("Un autre champ est dans le détail.")).toBeVisible();
  await expectAccessible(page);
});

test("Entries are searched and filtered by day, in the address", async ({ admin, adminPage: page }) => {
  const { form } = await makeEntries(admin.api, "Awa", "Moussa");
  await page.goto(`${paths.entriesOf(form.id)}?search=moussa`);
  await expect(page.getByRole("row").filter({ hasText: "Moussa" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Awa" })).toBeHidden();
  if ((page.viewportSize()?.width ?? 0) < 640)
    await page.getByRole("button", { name: "Filtres", exact: true }).click();
  await page.getByLabel("Jusqu'au").fill("2020-01-01");
  await expect(page).toHaveURL(/created_at__lte=2020-01-01/);
  await expect(page.getByText("Aucune entrée trouvée")).toBeVisible();
  await page.getByRole("button", { name: "Effacer les filtres" }).first().click();
  await expect(page.getByRole("row").filter({ hasText: "Awa" })).toBeVisible();
});

test("An entry shows everything that it holds, also of fields that are gone", async ({
  admin,
  adminPage: page,
}) => {
  const { form, entries } = await makeEntries(admin.api, "Awa");
  await admin.api.patch(`/forms/${form.id}/`, { fields: FIELDS.slice(0, 2) });
  await page.goto(paths.entriesOf(form.id));
  await page.getByRole("link", { name: /^Voir l'entrée du/ }).click();
  await expect(page).toHaveURL(new RegExp(`${paths.entry(form.id, entries[0]?.id ?? 0)}$`));
  await expect(page.getByText("Valeurs de champs que le formulaire n'a plus")).toBeVisible();
  await expect(page.getByText("https://a.sn/")).toBeVisible();
  await expectAccessible(page);
  await inEnglish(page);
  await expectAccessible(page);
});

test("An entry is corrected, what is not touched stays", async ({ admin, adminPage: page }) => {
  const { form, entries } = await makeEntries(admin.api, "Awa");
  const [entry] = entries;
  await page.goto(paths.entry(form.id, entry?.id ?? 0));
  await page.getByRole("link", { name: "Modifier" }).click();
  await expectAccessible(page);
  await page.getByLabel("Nom").fill("");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByLabel("Nom")).toHaveAccessibleDescription("Ce champ est obligatoire.");
  await page.getByLabel("Nom").fill("Awa Diop");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Awa Diop")).toBeVisible();
  const saved = await admin.api.get<Entry>(`/entries/${entry?.id}/`);
  expect(saved.data).toEqual({ ...(entry?.data as object), nom: "Awa Diop" });
});

test(
  "Yes, no and no answer are told apart, and an answer can be withdrawn",
  { tag: "@once" },
  async ({ admin, adminPage: page }) => {
    const { form, entries } = await makeEntries(admin.api, "Awa");
    const [entry] = entries;
    await admin.api.post("/entries/", { form: form.id, data: { nom: "Moussa", spa: false } });
    await admin.api.post("/entries/", { form: form.id, data: { nom: "Fatou" } });
    await page.goto(paths.entriesOf(form.id));
    const row = (name: string) => page.getByRole("row").filter({ hasText: name });
    await expect(row("Awa").getByText("Oui", { exact: true })).toBeVisible();
    await expect(row("Moussa").getByText("Non", { exact: true })).toBeVisible();
    await expect(row("Fatou").getByText("Non", { exact: true })).toBeHidden();
    await page.goto(paths.editEntry(form.id, entry?.id ?? 0));
    const question = page.getByRole("radiogroup", { name: "Spa" });
    await expect(question.getByLabel("Oui")).toBeChecked();
    await expectAccessible(page);
    await question.getByLabel("Sans réponse").check();
    await page.getByRole("button", { name: "Enregistrer" }).click();
    const saved = async () => (await admin.api.get<Entry>(`/entries/${entry?.id}/`)).data;
    await expect.poll(saved).toEqual({ ...(entry?.data as object), spa: undefined });
  },
);

test("A correction that comes too late says so, and one is not lost by accident", async ({
  admin,
  adminPage: page,
}) => {
  const { form, entries } = await makeEntries(admin.api, "Awa");
  const id = entries[0]?.id ?? 0;
  await page.goto(paths.editEntry(form.id, id));
  await page.getByLabel("Nom").fill("Awa Diop");
  await page.getByRole("link", { name: "Revenir à l'entrée" }).click();
  await page.getByRole("button", { name: "Continuer la saisie" }).click();
  await admin.api.patch(`/entries/${id}/`, { data: { nom: "Aïssatou" } });
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Quelqu'un d'autre a modifié")).toBeVisible();
  await page.getByRole("button", { name: "Recharger et perdre mes modifications" }).click();
  await expect(page.getByLabel("Nom")).toHaveValue("Aïssatou");
});

test("An entry is deleted after a question", async ({ admin, adminPage: page }) => {
  const { form, entries } = await makeEntries(admin.api, "Awa");
  await page.goto(paths.entry(form.id, entries[0]?.id ?? 0));
  await page.getByRole("button", { name: "Supprimer" }).click();
  await expectAccessible(page);
  await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
  await expect(page.getByText("Ce formulaire n'a pas encore reçu de réponse.")).toBeVisible();
});

test("The entries are exported as a workbook first", async ({ admin, adminPage: page }) => {
  const { form } = await makeEntries(admin.api, "Awa");
  await page.goto(paths.entriesOf(form.id));
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Exporter tout (Excel)" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/\.xlsx$/);
  // A workbook is a ZIP file.
  expect((await readFile(await download.path())).subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
  await expect(page.getByText("L'export est téléchargé.").first()).toBeVisible();
});

test("The entries are exported as CSV, too", async ({ admin, adminPage: page }) => {
  const { form } = await makeEntries(admin.api, "Awa");
  await page.goto(paths.entriesOf(form.id));
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Exporter tout (CSV)" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  expect(await readFile(await download.path(), "utf8")).toContain("Awa");
  await expect(page.getByText("L'export est téléchargé.").first()).toBeVisible();
});

test("A large export is fetched from where it is", async ({ admin, adminPage: page }) => {
  const { form } = await makeEntries(admin.api, "Awa");
  await page.route("**/api/entries/export/**", (route) =>
    route.fulfill({ json: { url: "/files/large.csv", expires_at: "2100-01-01T00:00:00Z" } }),
  );
  await page.route("**/files/large.csv", (route) =>
    route.fulfill({ body: "id", headers: { "Content-Disposition": 'attachment; filename="large.csv"' } }),
  );
  await page.goto(paths.entriesOf(form.id));
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Exporter tout (CSV)" }).click();
  expect((await saved).suggestedFilename()).toBe("large.csv");
});

test("An export can be cancelled, and one that fails tried again", async ({ admin, adminPage: page }) => {
  const { form } = await makeEntries(admin.api, "Awa");
  // An answer that never comes.
  await page.route("**/api/entries/export/**", () => undefined);
  await page.goto(paths.entriesOf(form.id));
  await page.getByRole("button", { name: "Exporter tout (CSV)" }).click();
  await expect(page.getByRole("button", { name: "Export en cours…" })).toBeDisabled();
  await page.getByRole("button", { name: "Annuler l'export" }).click();
  await expect(page.getByRole("button", { name: "Exporter tout (CSV)" })).toBeEnabled();
  await page.unroute("**/api/entries/export/**");
  await page.route("**/api/entries/export/**", (route) => route.fulfill({ status: 503, json: {} }), {
    times: 1,
  });
  await page.getByRole("button", { name: "Exporter tout (CSV)" }).click();
  await expect(page.getByText("L'export n'a pas abouti.").first()).toBeVisible();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await saved;
});

test("Whoever is no administrator has no entries", async ({ userPage: page }) => {
  await page.goto(paths.entries);
  await expect(page.getByRole("heading", { name: "Page introuvable" })).toBeVisible();
});

test("A list that cannot be had says so and can be asked for again", async ({ admin, adminPage: page }) => {
  const { form } = await makeEntries(admin.api, "Awa");
  let isDown = true;
  await page.route("**/api/entries/?*", (route) =>
    isDown ? route.fulfill({ status: 400, json: { detail: "Impossible." } }) : route.continue(),
  );
  await page.goto(paths.entriesOf(form.id));
  await expect(page.getByText("Impossible.")).toBeVisible();
  isDown = false;
  await page.getByRole("button", { name: "Réessayer" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Awa" })).toBeVisible();
});

test("The number of entries is that of the filter", { tag: "@once" }, async ({ api, adminPage: page }) => {
  const { form } = await makeEntries(api, "Awa");
  await page.goto(`/entries/${form.id}`);
  const title = page.getByRole("heading", { level: 1 });
  await expect(title).toHaveText(/1$/);
  await page.getByLabel("Jusqu'au").fill("2020-01-01");
  await expect(title).toHaveText(/0$/);
});

test("An export is of what is filtered, for people", { tag: "@once" }, async ({ api, adminPage: page }) => {
  const { form } = await makeEntries(api, "Awa", "Moussa", "Awa Ndiaye");
  await page.goto(`/entries/${form.id}?search=awa`);
  const asked = page.waitForRequest("**/entries/export/*");
  await page.getByRole("button", { name: "Exporter les 2 entrées filtrées (Excel)" }).click();
  const { searchParams } = new URL((await asked).url());
  expect(Object.fromEntries(searchParams)).toMatchObject({
    form: String(form.id),
    format: "xlsx",
    for: "people",
    search: "awa",
    time_zone: expect.stringMatching(/./),
  });
});
