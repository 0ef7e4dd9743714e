import type { Locator, Page } from "@playwright/test";
import type { Entry, Form } from "../src/api/schema";
import { paths } from "../src/lib/paths";
import { type Api, expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

type Body = Record<string, unknown>;

const NAME = { name: "nom", label: "Votre nom", type: "text", required: true };
const VIEW = { name: "avis", label: "Votre avis", type: "select", options: ["Bien", "Mal"] };

function makeForm(api: Api, form: Body = {}): Promise<Form> {
  return api.post("/forms/", { title: unique("Votre séjour"), fields: [NAME, VIEW], ...form });
}

const row = (page: Page, title: string) => page.getByRole("row").filter({ hasText: title });
const searched = (form: Form) => `${paths.forms}?search=${encodeURIComponent(form.title)}`;
const fields = (page: Page) => page.getByRole("region", { name: "Champs" });
const preview = (page: Page) => page.getByRole("region", { name: "Aperçu" });
const head = (page: Page, name: string) => fields(page).getByRole("button", { name, expanded: false });

async function addField(page: Page, label: string, type?: string) {
  await page.getByRole("button", { name: "Ajouter un champ" }).click();
  const labelInput = fields(page).getByRole("textbox", { name: "Libellé" });
  await expect(labelInput).toBeFocused();
  await labelInput.fill(label);
  if (type) await fields(page).getByLabel("Type").selectOption(type);
}

test.describe("The forms", () => {
  test("An administrator closes one and opens it again, and copies its link", async ({
    admin,
    adminPage: page,
  }) => {
    const form = await makeForm(admin.api);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(searched(form));
    await row(page, form.title)
      .getByRole("button", { name: `Copier le lien public de ${form.title}` })
      .click();
    await expect(page.getByText("Le lien est copié.", { exact: true })).toBeVisible();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(new URL(link).pathname).toBe(paths.publicForm(form.id));

    const more = row(page, form.title).getByRole("button", { name: "Plus d'actions" });
    await more.click();
    await page.getByRole("menuitem", { name: "Désactiver" }).click();
    await expect(row(page, form.title).getByText("Inactif")).toBeVisible();
    await expect.poll(async () => (await admin.api.get<Form>(`/forms/${form.id}/`)).is_active).toBe(false);
    await more.click();
    await page.getByRole("menuitem", { name: "Activer", exact: true }).click();
    await expect(row(page, form.title).getByText("Actif", { exact: true })).toBeVisible();
  });

  test("What could not be changed is shown as it was", async ({ admin, adminPage: page }) => {
    const form = await makeForm(admin.api);
    await page.goto(searched(form));
    await page.route(`**/api/forms/${form.id}/`, (route) => route.fulfill({ status: 503, json: {} }));
    await row(page, form.title).getByRole("button", { name: "Plus d'actions" }).click();
    await page.getByRole("menuitem", { name: "Désactiver" }).click();
    await expect(page.getByText("Le service est momentanément indisponible").first()).toBeVisible();
    await expect(row(page, form.title).getByText("Actif", { exact: true })).toBeVisible();
  });

  test("One with entries cannot be deleted, and can be deactivated instead", async ({
    admin,
    adminPage: page,
  }) => {
    const form = await makeForm(admin.api);
    await admin.api.post("/entries/", { form: form.id, data: { nom: "Awa" } });
    await page.goto(searched(form));
    await expect(
      row(page, form.title).getByRole("link", { name: `1 entrées de ${form.title}` }),
    ).toBeVisible();
    await row(page, form.title).getByRole("button", { name: "Plus d'actions" }).click();
    await page.getByRole("menuitem", { name: "Supprimer" }).click();
    const refused = page.getByRole("dialog", { name: `${form.title} ne peut pas être supprimé` });
    await expect(refused.getByText("Ce formulaire a des entrées")).toBeVisible();
    await expectAccessible(page);
    await refused.getByRole("button", { name: "Désactiver" }).click();
    await expect(row(page, form.title).getByText("Inactif")).toBeVisible();
  });

  test("One without entries is deleted after a question", async ({ admin, adminPage: page }) => {
    const form = await makeForm(admin.api);
    await page.goto(searched(form));
    await row(page, form.title).getByRole("button", { name: "Plus d'actions" }).click();
    await page.getByRole("menuitem", { name: "Supprimer" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
    await expect(page.getByText("Aucun formulaire trouvé")).toBeVisible();
  });

  test("A user sees those that are active, and fills them in", async ({ admin, userPage: page }) => {
    const form = await makeForm(admin.api);
    await page.goto(searched(form));
    await expect(page.getByRole("link", { name: "Créer un formulaire" })).toBeHidden();
    await expectAccessible(page);
    await page.getByRole("link", { name: `Remplir ${form.title}` }).click();
    await expect(page.getByRole("heading", { name: form.title })).toBeVisible();
    await page.getByRole("link", { name: "Revenir aux formulaires" }).click();
    await expect(page).toHaveURL(/\/forms(\?|$)/);
  });
});

test.describe("The builder", () => {
  test("makes a form, with a preview of it", async ({ admin, adminPage: page }) => {
    const title = unique("Enquête");
    await page.goto(paths.newForm);
    await page.getByLabel("Titre du formulaire").fill(title);
    await addField(page, "Prénom & nom");
    await expect(fields(page).getByLabel("Nom dans les données")).toHaveValue("prenom_nom");
    await fields(page).getByLabel("Réponse obligatoire").check();
    await addField(page, "Prénom & nom", "select");
    await expect(fields(page).getByLabel("Nom dans les données")).toHaveValue("prenom_nom_2");
    await fields(page).getByText("Réglages avancés").click();
    await fields(page).getByLabel("Nom dans les données").fill("civilite");
    await fields(page).getByRole("textbox", { name: "Libellé" }).fill("Civilité");
    await expect(fields(page).getByLabel("Nom dans les données")).toHaveValue("civilite");
    await fields(page).getByLabel("Options").fill("Madame\nMonsieur\n");
    await expect(preview(page).getByLabel("Civilité").getByRole("option")).toHaveText([
      "Choisir…",
      "Madame",
      "Monsieur",
    ]);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page).toHaveURL(/\/forms(\?|$)/);
    const { results } = await admin.api.get<{ results: Form[] }>(
      `/forms/?search=${encodeURIComponent(title)}`,
    );
    expect(results[0]?.fields).toEqual([
      { name: "prenom_nom", label: "Prénom & nom", type: "text", required: true },
      { name: "civilite", label: "Civilité", type: "select", options: ["Madame", "Monsieur"] },
    ]);
  });

  test("reorders by keyboard, keeps the focus there and says so", async ({ admin, adminPage: page }) => {
    const form = await makeForm(admin.api);
    await page.goto(paths.editForm(form.id));
    const down = fields(page).getByRole("button", { name: "Descendre Votre nom" });
    await down.focus();
    await page.keyboard.press("Enter");
    await expect(fields(page).getByRole("listitem").first()).toContainText("Votre avis");
    await expect(fields(page).getByRole("status")).toHaveText("Votre nom : position 2 sur 2.");
    // There is no further down.
    await expect(fields(page).getByRole("button", { name: "Monter Votre nom" })).toBeFocused();
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page).toHaveURL(/\/forms(\?|$)/);
    const saved = await admin.api.get<Form>(`/forms/${form.id}/`);
    expect(saved.fields).toEqual([VIEW, NAME]);
  });

  test("duplicates a field, and takes back its removal", async ({ admin, adminPage: page }) => {
    const form = await makeForm(admin.api);
    await page.goto(paths.editForm(form.id));
    await head(page, "1. Votre nom").click();
    await fields(page).getByRole("button", { name: "Dupliquer" }).click();
    await expect(fields(page).getByLabel("Nom dans les données")).toHaveValue("votre_nom");
    await fields(page).getByRole("button", { name: "Retirer ce champ" }).click();
    await expect(fields(page).getByRole("listitem")).toHaveCount(2);
    await expect(head(page, "2. Votre avis")).toBeFocused();
    await page.getByRole("button", { name: "Annuler" }).click();
    await expect(fields(page).getByRole("listitem")).toHaveCount(3);
  });

  test("leads to the first field that is wrong", async ({ adminPage: page }) => {
    await page.goto(paths.newForm);
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByLabel("Titre du formulaire")).toBeFocused();
    await expect(page.getByText("Ajoutez au moins un champ.")).toBeVisible();
    await page.getByLabel("Titre du formulaire").fill("Enquête");
    await addField(page, "Avis", "multiselect");
    await addField(page, "Nom");
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(fields(page).getByLabel("Options")).toBeFocused();
    await expect(fields(page).getByText("Donnez au moins une option.")).toBeVisible();
    await expectAccessible(page);
  });

  test("shows what the API says of a field at its row", async ({ admin, adminPage: page }) => {
    const form = await makeForm(admin.api, { fields: [VIEW, NAME] });
    await page.goto(paths.editForm(form.id));
    await head(page, "2. Votre nom").click();
    await fields(page).getByText("Réglages avancés").click();
    await fields(page).getByLabel("Forme imposée").fill("(");
    await head(page, "1. Votre avis").click();
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(fields(page).getByText("Cette expression régulière n'est pas valide.")).toBeVisible();
    await expect(fields(page).getByLabel("Forme imposée")).toBeFocused();
    await expect(fields(page).getByText("À corriger")).toBeVisible();
  });

  test("says when somebody else was faster, and starts again from their version", async ({
    admin,
    adminPage: page,
  }) => {
    const form = await makeForm(admin.api);
    await page.goto(paths.editForm(form.id));
    await page.getByLabel("Description").fill("La mienne.");
    await admin.api.patch(`/forms/${form.id}/`, { description: "La leur." });
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByText("Quelqu'un d'autre a modifié")).toBeVisible();
    await page.getByRole("button", { name: "Recharger et perdre mes modifications" }).click();
    await expect(page.getByLabel("Description")).toHaveValue("La leur.");
  });

  test("is not left by accident", async ({ admin, adminPage: page }) => {
    const form = await makeForm(admin.api);
    await page.goto(paths.editForm(form.id));
    await head(page, "1. Votre nom").click();
    await fields(page).getByRole("textbox", { name: "Libellé" }).fill("Nom complet");
    await page.getByRole("link", { name: "Revenir à la liste des formulaires" }).click();
    await page.getByRole("button", { name: "Continuer la saisie" }).click();
    await expect(fields(page).getByRole("textbox", { name: "Libellé" })).toHaveValue("Nom complet");
    await page.getByRole("link", { name: "Revenir à la liste des formulaires" }).click();
    await page.getByRole("button", { name: "Quitter" }).click();
    await expect(page).toHaveURL(/\/forms(\?|$)/);
  });

  test("shows what it can of fields that are no fields", async ({ admin, adminPage: page }) => {
    const form = await makeForm(admin.api);
    const odd = { ...form, fields: [NAME, { name: "couleur", type: "colour" }, 3] };
    await page.route(`**/api/forms/${form.id}/`, (route) => route.fulfill({ json: odd }));
    await page.goto(paths.editForm(form.id));
    await expect(page.getByText("2 champs de ce formulaire ne peuvent pas être lus.")).toBeVisible();
    await expect(head(page, "1. Votre nom")).toBeVisible();
  });
});

const ALL = [
  NAME,
  { name: "recit", label: "Récit", type: "textarea", min_length: 3 },
  { name: "courriel", label: "Courriel", type: "email" },
  { name: "tel", label: "Téléphone", type: "phone" },
  { name: "poids", label: "Poids", type: "number", max: 99.5 },
  { name: "chambre", label: "Chambre", type: "integer", min: 1, max: 500, help: "De 1 à 500." },
  { name: "offres", label: "Recevoir les offres", type: "boolean" },
  { name: "arrivee", label: "Arrivée", type: "date" },
  { name: "rdv", label: "Rendez-vous", type: "datetime" },
  { name: "site", label: "Site", type: "url" },
  VIEW,
  { name: "services", label: "Services", type: "multiselect", options: ["Spa", "Piscine"], required: true },
];

test.describe("A public form", () => {
  test("takes every type from somebody who is not signed in", async ({ admin, page }) => {
    const form = await makeForm(admin.api, { fields: ALL, description: "Une minute suffit." });
    await page.goto(paths.publicForm(form.id));
    await expectAccessible(page);
    await page.getByLabel("Votre nom").fill("Awa");
    await page.getByLabel("Récit").fill("Un bon séjour.");
    await page.getByLabel("Courriel").fill("awa@example.sn");
    await page.getByLabel("Téléphone").fill("+221 77 123 45 67");
    await page.getByLabel("Poids").fill("12.5");
    await page.getByLabel("Chambre").fill("12");
    await page.getByRole("radiogroup", { name: "Recevoir les offres" }).getByLabel("Oui").check();
    await page.getByLabel("Arrivée").fill("2026-11-22");
    await page.getByLabel("Rendez-vous").fill("2026-11-22T09:05");
    await page.getByLabel("Site").fill("https://example.sn");
    await page.getByLabel("Votre avis").selectOption("Bien");
    await page.getByRole("group", { name: "Services" }).getByLabel("Spa").check();
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByRole("heading", { name: "Merci !" })).toBeFocused();
    const { results } = await admin.api.get<{ results: Entry[] }>(`/entries/?form=${form.id}`);
    expect(results[0]?.data).toEqual({
      nom: "Awa",
      recit: "Un bon séjour.",
      courriel: "awa@example.sn",
      tel: "+221 77 123 45 67",
      poids: 12.5,
      chambre: 12,
      offres: true,
      arrivee: "2026-11-22",
      rdv: "2026-11-22T09:05:00.000000Z",
      site: "https://example.sn",
      avis: "Bien",
      services: ["Spa"],
    });
    await page.getByRole("button", { name: "Envoyer une autre réponse" }).click();
    await expect(page.getByLabel("Votre nom")).toHaveValue("");
    await inEnglish(page);
    await expectAccessible(page);
  });

  test(
    "stores no answer that nobody gave, and asks for a required one",
    { tag: "@once" },
    async ({ admin, page }) => {
      const required = { name: "tva", label: "Facture avec TVA", type: "boolean", required: true };
      const optional = ["offres", "navette", "spa"].map((name) => ({ name, label: name, type: "boolean" }));
      const form = await makeForm(admin.api, { fields: [required, ...optional] });
      await page.goto(paths.publicForm(form.id));
      const question = (name: string) => page.getByRole("radiogroup", { name });
      await expect(question("spa").getByLabel("Sans réponse")).toBeChecked();
      await page.getByRole("button", { name: "Envoyer" }).click();
      await expect(question("TVA")).toHaveAccessibleDescription("Ce champ est obligatoire.");
      await expect(question("TVA").getByLabel("Oui")).toBeFocused();
      await expectAccessible(page);
      await question("TVA").getByLabel("Non").check();
      await expect(question("TVA")).toHaveAccessibleDescription("");
      await question("offres").getByLabel("Non").check();
      await question("navette").getByLabel("Oui").check();
      // The draft knows "no" from no answer, too.
      await page.reload();
      await expect(page.getByText("Ce que vous aviez saisi est encore là.")).toBeVisible();
      await expect(question("offres").getByLabel("Non")).toBeChecked();
      await expect(question("spa").getByLabel("Sans réponse")).toBeChecked();
      await page.getByRole("button", { name: "Envoyer" }).click();
      await expect(page.getByRole("heading", { name: "Merci !" })).toBeVisible();
      const { results } = await admin.api.get<{ results: Entry[] }>(`/entries/?form=${form.id}`);
      expect(results[0]?.data).toEqual({ tva: false, offres: false, navette: true });
    },
  );

  test("says what is wrong before it is sent, at the fields", async ({ admin, page }) => {
    const form = await makeForm(admin.api, { fields: ALL });
    await page.goto(paths.publicForm(form.id));
    await page.getByLabel("Courriel").fill("awa@");
    await page.getByLabel("Chambre").fill("501");
    await page.getByRole("button", { name: "Envoyer" }).click();
    const name = page.getByLabel("Votre nom");
    await expect(name).toBeFocused();
    await expect(name).toHaveAccessibleDescription("Ce champ est obligatoire.");
    await expect(page.getByLabel("Courriel")).toHaveAccessibleDescription(
      "Saisissez une adresse e-mail valide.",
    );
    await expect(page.getByLabel("Chambre")).toHaveAccessibleDescription(
      /^De 1 à 500. La valeur la plus grande/,
    );
    await expect(page.getByRole("group", { name: "Services" })).toHaveAccessibleDescription(/obligatoire/);
    await expectAccessible(page);
    await name.fill("Awa");
    await expect(name).toHaveAccessibleDescription("");
  });

  test("shows what the API says at its field", async ({ admin, page }) => {
    const form = await makeForm(admin.api, { fields: [{ ...NAME, pattern: "[A-Z]+" }] });
    await page.goto(paths.publicForm(form.id));
    await page.getByLabel("Votre nom").fill("awa");
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByLabel("Votre nom")).toHaveAccessibleDescription(/motif/);
    await expect(page.getByLabel("Votre nom")).toBeFocused();
  });

  test("that has changed says so, without its technical names", { tag: "@once" }, async ({ admin, page }) => {
    const form = await makeForm(admin.api, { fields: [NAME] });
    await page.goto(paths.publicForm(form.id));
    await page.getByLabel("Votre nom").fill("Awa");
    const room = { name: "numero_de_chambre", label: "Numéro de chambre", type: "text", required: true };
    await admin.api.patch(`/forms/${form.id}/`, { fields: [NAME, room] });
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(
      page.getByText("Le formulaire a changé : une question manque sur cette page."),
    ).toBeVisible();
    await expect(page.getByText("numero_de_chambre")).toHaveCount(0);
    await page.getByRole("button", { name: "Recharger le formulaire" }).click();
    await expect(page.getByLabel("Numéro de chambre")).toBeVisible();
  });

  test("keeps what is typed when it is reloaded, until it is sent", async ({ admin, page }) => {
    const form = await makeForm(admin.api);
    await page.goto(paths.publicForm(form.id));
    await page.getByLabel("Votre nom").fill("Awa");
    await page.getByLabel("Votre avis").selectOption("Mal");
    await page.reload();
    await expect(page.getByLabel("Votre nom")).toHaveValue("Awa");
    await expect(page.getByLabel("Votre avis")).toHaveValue("Mal");
    await expect(page.getByText("Ce que vous aviez saisi est encore là.")).toBeVisible();
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByRole("heading", { name: "Merci !" })).toBeVisible();
    await page.reload();
    await expect(page.getByLabel("Votre nom")).toHaveValue("");
  });

  test("says when to try again, and loses nothing", async ({ admin, page }) => {
    const form = await makeForm(admin.api);
    await page.route("**/entries/", (route) =>
      route.fulfill({ status: 429, json: {}, headers: { "Retry-After": "30" } }),
    );
    await page.goto(paths.publicForm(form.id));
    await page.getByLabel("Votre nom").fill("Awa");
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByText("Trop de demandes. Réessayez dans 30 secondes.")).toBeVisible();
    await expect(page.getByLabel("Votre nom")).toHaveValue("Awa");
  });

  test("that is closed says so", async ({ admin, page }) => {
    const form = await makeForm(admin.api, { is_active: false });
    await page.goto(paths.publicForm(form.id));
    await expect(page.getByRole("heading", { name: "Ce formulaire n'est pas disponible" })).toBeVisible();
    await expectAccessible(page);
  });

  test("has a field that only programs fill in", async ({ admin, page }) => {
    const form = await makeForm(admin.api);
    await page.goto(paths.publicForm(form.id));
    const trap: Locator = page.locator("input[name=website]");
    await expect(trap).toHaveAttribute("tabindex", "-1");
    await page.getByLabel("Votre nom").fill("Robot");
    await trap.evaluate((input: HTMLInputElement) => {
      input.value = "https://spam.example";
    });
    await page.getByRole("button", { name: "Envoyer" }).click();
    await expect(page.getByRole("heading", { name: "Merci !" })).toBeVisible();
    expect((await admin.api.get<{ count: number }>(`/entries/?form=${form.id}`)).count).toBe(0);
  });
});
