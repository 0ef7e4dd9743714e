import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page, Route } from "@playwright/test";
import type { Hotel, Ticket } from "../src/api/schema";
import { paths } from "../src/lib/paths";
import { type Cast, FORMS, type Opened, type TestedForm } from "./forms-table";
import { expect, pageOf, platformUrl, test, unique } from "./fixtures";

// Every form on a network that fails. The whole table has each kind of failure at both widths and takes minutes:
// `RED_NETWORK=all`. Without it, each form loses the answer of a request that was carried out, which is the worst kind.

const FEATURES = join(import.meta.dirname, "../src/features");

test("The table has every form of the application", { tag: "@once" }, () => {
  const files = readdirSync(FEATURES, { recursive: true, encoding: "utf8" });
  const forms = files.filter((file) => {
    if (!file.endsWith(".tsx")) return false;
    const source = readFileSync(join(FEATURES, file), "utf8");
    return /<(SaveForm|SaveBar|Composer|form)\b/.test(source);
  });
  const tested = new Set(Object.values(FORMS).map(({ source }) => source));
  expect(forms.toSorted()).toEqual([...tested].toSorted());
});

/** What the network does to the first requests that save. */
interface Failure {
  /** Whether the application repeats such a request by itself, if it can be repeated. */
  isRepeated?: boolean;
  /** Whether the server carries the request out all the same. */
  isDone?: boolean;
  handle: (route: Route) => Promise<void>;
}

const LOSES_THE_ANSWER: Failure = {
  isRepeated: true,
  isDone: true,
  handle: async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  },
};

const FAILURES: Record<string, Failure> = {
  "loses the answer": LOSES_THE_ANSWER,
  "times out at the gateway after the work": {
    isRepeated: true,
    isDone: true,
    handle: async (route) => {
      await route.fetch();
      await route.fulfill({ status: 504, json: { message: "Endpoint request timed out" } });
    },
  },
  "cuts the connection": { isRepeated: true, handle: (route) => route.abort("connectionfailed") },
  "is overloaded": {
    handle: (route) => route.fulfill({ status: 503, headers: { "Retry-After": "1" }, json: {} }),
  },
  hangs: {
    isDone: true,
    handle: async (route) => {
      await route.fetch();
    },
  },
};

const isWhole = process.env.RED_NETWORK === "all";

for (const [name, form] of Object.entries(FORMS)) {
  for (const [kind, failure] of Object.entries(FAILURES)) {
    if (!isWhole && kind !== "loses the answer") continue;
    // Five people an hour sign up from one address.
    if (form.source === "auth/SignUpPage.tsx" && kind !== "loses the answer") continue;
    test(
      `A network that ${kind}: ${name}`,
      { tag: isWhole ? [] : "@once" },
      async ({ admin, user, browser }) => {
        const cast = { admin, user };
        const page = await pageFor(form, cast, browser);
        await page.goto(await form.path(cast));
        const opened = await form.open(cast);
        await opened.fill(page);
        await breakNetwork(page, opened, failure.isRepeated && form.keepsDraft ? 2 : 1, failure);
        await opened.save(page).click();
        if (kind === "hangs") {
          await expect(page.getByText("Toujours en cours…")).toBeVisible();
          await page.getByRole("button", { name: "Annuler", exact: true }).click();
        }
        await expectErrorInView(page);
        if (form.keepsDraft) {
          page.on("dialog", (dialog) => void dialog.accept());
          await page.reload();
        }
        const again = opened.save(page);
        // A form that shows all of it as saved has nothing to save.
        if (!failure.isDone || (await again.isEnabled())) {
          await again.click();
          await opened.saved(page);
        }
        await opened.stored();
        await page.context().close();
      },
    );
  }
}

async function pageFor({ by }: TestedForm, cast: Cast, browser: Parameters<typeof pageOf>[0]): Promise<Page> {
  const { use } = test.info().project;
  const options = { ...use, baseURL: platformUrl() };
  if (by === "nobody") return (await browser.newContext(options)).newPage();
  return pageOf(browser, cast[by], options);
}

async function breakNetwork(
  page: Page,
  { method, request }: Pick<Opened, "method" | "request">,
  times: number,
  { handle }: Failure,
) {
  let left = times;
  await page.route(`**/api${request}`, async (route) => {
    if (route.request().method() !== method || left === 0) return route.fallback();
    left -= 1;
    return handle(route);
  });
}

async function expectErrorInView(page: Page) {
  const alert = page.getByRole("main").getByRole("alert").first();
  await expect(alert).toBeVisible();
  await expect(alert).toBeInViewport();
}

const HOTEL = "**/api/hotels/";

async function fillHotel(page: Page): Promise<string> {
  const name = unique("Hôtel");
  await page.getByLabel("Nom de l'hôtel").fill(name);
  await page.getByLabel("Ville").fill("Dakar");
  await page.getByLabel("Prix par nuit").fill("45000");
  return name;
}

test(
  "One answer that is lost is asked for again without a word",
  { tag: "@once" },
  async ({ admin, adminPage: page }) => {
    await page.goto(paths.newHotel);
    const name = await fillHotel(page);
    await breakNetwork(page, { method: "POST", request: "/hotels/" }, 1, LOSES_THE_ANSWER);
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByText(`${name} est créé.`, { exact: true })).toBeVisible();
    const found = await admin.api.get<{ count: number }>(`/hotels/?search=${encodeURIComponent(name)}`);
    expect(found.count).toBe(1);
  },
);

test("A save that fails after leaving is reported, and its form opens again", async ({ adminPage: page }) => {
  await page.goto(paths.hotels);
  await page.getByRole("link", { name: "Créer un nouveau hôtel" }).click();
  const name = await fillHotel(page);
  let held: Route | undefined;
  await page.route(HOTEL, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    held = route;
  });
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByRole("link", { name: "Revenir à la liste des hôtels" }).click();
  await page
    .getByRole("alertdialog", { name: "Quitter pendant l'enregistrement ?" })
    .getByText("Quitter", { exact: true })
    .click();
  await expect(page.getByRole("heading", { name: "Hôtels" })).toBeVisible();
  await held?.fulfill({ status: 503, json: {} });
  await expect(
    page.getByRole("region", { name: /Notifications/ }).getByText(/^Votre saisie n'a pas été enregistrée/),
  ).toBeVisible();
  await page.getByRole("button", { name: "Rouvrir" }).click();
  await expect(page.getByLabel("Nom de l'hôtel")).toHaveValue(name);
  await expect(page.getByText("Votre brouillon a été restauré.")).toBeVisible();
  await page.unroute(HOTEL);
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText(`${name} est créé.`, { exact: true })).toBeVisible();
  // Saved, it is no draft any more.
  await page.goto(paths.newHotel);
  await expect(page.getByLabel("Nom de l'hôtel")).toHaveValue("");
});

test("A change that arrives twice is no conflict", { tag: "@once" }, async ({ user, userPage: page }) => {
  const { id } = await user.api.post<Ticket>("/tickets/", { title: "Climatisation", description: "Bruit." });
  await page.goto(paths.editTicket(id));
  await page.getByLabel("Description").fill("Chambre 13.");
  await page.route(`**/api/tickets/${id}/`, async (route) => {
    if (route.request().method() !== "PATCH") return route.fallback();
    await route.fetch();
    return route.fulfill({ response: await route.fetch() });
  });
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page).toHaveURL(new RegExp(`${paths.ticket(id)}$`));
  await expect(page.getByText("Chambre 13.")).toBeVisible();
});

test("A draft that is discarded is gone", { tag: "@once" }, async ({ adminPage: page }) => {
  await page.goto(paths.newHotel);
  await fillHotel(page);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await page.getByRole("button", { name: "Effacer le brouillon" }).click();
  await expect(page.getByLabel("Nom de l'hôtel")).toHaveValue("");
  await page.reload();
  await expect(page.getByLabel("Nom de l'hôtel")).toHaveValue("");
});

test(
  "A photo that could not be removed is removed by saving again",
  { tag: "@once" },
  async ({ admin, adminPage: page }) => {
    const hotel = await admin.api.post<Hotel>("/hotels/", {
      name: unique("Hôtel"),
      city: "Kolda",
      price_per_night: "21000",
      image_base64:
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    });
    await page.goto(paths.editHotel(hotel.id));
    await page.getByRole("button", { name: "Retirer la photo" }).click();
    await page.getByLabel("Ville").fill("Sédhiou");
    await page.route("**/image/", (route) => route.fulfill({ status: 503, json: {} }));
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expectErrorInView(page);
    await page.unroute("**/image/");
    await page.getByLabel("Adresse").fill("12, rue du fleuve");
    await page.getByRole("button", { name: "Enregistrer" }).click();
    await expect(page.getByText(`${hotel.name} est enregistré.`, { exact: true })).toBeVisible();
    const stored = { city: "Sédhiou", address: "12, rue du fleuve", image_url: null };
    expect(await admin.api.get(`/hotels/${hotel.id}/`)).toMatchObject(stored);
  },
);

test(
  "Two fast clicks on a confirmation delete once",
  { tag: "@once" },
  async ({ admin, adminPage: page }) => {
    const { id, name } = await admin.api.post<Hotel>("/hotels/", {
      name: unique("Hôtel"),
      city: "Kolda",
      price_per_night: "21000",
    });
    let deletions = 0;
    await page.route(`**/api/hotels/${id}/`, (route) => {
      if (route.request().method() === "DELETE") deletions += 1;
      return route.fallback();
    });
    await page.goto(`${paths.hotels}?search=${encodeURIComponent(name)}`);
    await page.getByRole("button", { name: `Supprimer ${name}` }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).dblclick();
    await expect(page.getByText(`${name} est supprimé.`, { exact: true })).toBeVisible();
    expect(deletions).toBe(1);
  },
);

test("A screen that cannot be loaded leaves the frame, and opens once the network is back", async ({
  adminPage: page,
}) => {
  await page.goto(paths.dashboard);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.context().setOffline(true);
  // By its address within the application: on a phone the menu is closed.
  await page.evaluate((path) => {
    window.history.pushState({}, "", path);
    window.dispatchEvent(new PopStateEvent("popstate"));
  }, paths.newHotel);
  await expect(page.getByRole("heading", { name: "Cet écran n'a pas pu être chargé" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Se déconnecter" })).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByLabel("Nom de l'hôtel")).toBeVisible();
});

test(
  "The other screens are there without a network after a while",
  { tag: "@once" },
  async ({ adminPage: page }) => {
    await page.goto(paths.dashboard);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForResponse(/EditEntryPage/);
    await page.waitForLoadState("networkidle");
    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Utilisateurs", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Utilisateurs" })).toBeVisible();
  },
);

test("One source says whether the server can be reached", async ({ adminPage: page }) => {
  await page.goto(paths.tickets);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const isWide = (page.viewportSize()?.width ?? 0) > 1000;
  await page.route("**/api/**", (route) => route.abort());
  await page.getByRole("searchbox").fill("bruit");
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  const banner = page.getByText("Hors ligne : ce que vous voyez peut dater.");
  await expect(banner).toBeInViewport();
  if (isWide) await expect(page.getByText(/^hors ligne/)).toBeVisible();
  await page.unroute("**/api/**");
  await expect(banner).toBeHidden();
  if (isWide) await expect(page.getByText(/^en ligne/)).toBeVisible();
});

test("Signing out asks where something is typed, and keeps it for the same person", async ({
  user,
  userPage: page,
}) => {
  await page.goto(paths.newTicket);
  await page.getByLabel("Titre").fill("Climatisation");
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  const question = page.getByRole("alertdialog", { name: "Se déconnecter sans enregistrer ?" });
  await question.getByRole("button", { name: "Continuer la saisie" }).click();
  await expect(page.getByLabel("Titre")).toHaveValue("Climatisation");
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await question.getByRole("button", { name: "Se déconnecter" }).click();
  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Mot de passe", { exact: true }).fill(user.password);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
  await page.goto(paths.newTicket);
  await expect(page.getByLabel("Titre")).toHaveValue("Climatisation");
});

test(
  "A session that ended asks for the password alone",
  { tag: "@once" },
  async ({ user, userPage: page }) => {
    await page.goto(paths.hotels);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.evaluate(() => localStorage.removeItem("session"));
    await page.evaluate(() =>
      window.dispatchEvent(new StorageEvent("storage", { key: "session", storageArea: localStorage })),
    );
    await expect(page.getByRole("dialog").getByLabel("E-mail")).toHaveValue(user.email);
  },
);

test("An error goes away when what it is about changes", { tag: "@once" }, async ({ userPage: page }) => {
  await page.goto(paths.newTicket);
  await page.getByLabel("Titre").fill("Climatisation");
  await page.getByLabel("Description").fill("Chambre 12.");
  await page.route("**/api/tickets/", (route) =>
    route.request().method() === "POST"
      ? route.fulfill({ status: 400, json: { non_field_errors: ["Impossible."] } })
      : route.fallback(),
  );
  await page.getByRole("button", { name: "Enregistrer" }).click();
  const alert = page.getByRole("alert").filter({ hasText: "Impossible." });
  await expect(alert).toBeFocused();
  await page.getByLabel("Titre").fill("Climatisation en panne");
  await expect(alert).toBeHidden();
});
