import type { Locator } from "@playwright/test";
import type { Message, User } from "../src/api/schema";
import { type Api, expect, expectAccessible, inEnglish, test, unique } from "./fixtures";

function send(from: Api, to: User, content: string): Promise<Message> {
  return from.post("/messages/", { recipient_id: to.id, content });
}

/** Somebody with a name that no other test has. */
async function named(api: Api, lastName: string): Promise<User> {
  const email = `${crypto.randomUUID()}@example.sn`;
  const names = { first_name: "Moussa", last_name: lastName };
  return api.post("/users/", { email, password: "Teranga-2026-Dakar", ...names });
}

async function isAtTheBottom(area: Locator) {
  // The area is reversed: its end is where it is not scrolled.
  await expect.poll(() => area.evaluate((element) => Math.abs(element.scrollTop))).toBeLessThan(2);
}

test("A message is sent to somebody who is found as one types, by keyboard alone", async ({
  api,
  userPage: page,
}) => {
  const lastName = unique("Sarr");
  const friend = await named(api, lastName);
  await page.goto("/messages");
  await expect(page.getByText("Aucun message")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Envoyer un message" }).click();
  await expect(page.getByRole("heading", { name: "ENVOYER UN MESSAGE" })).toBeVisible();
  const recipient = page.getByRole("combobox", { name: "Destinataire" });
  await recipient.fill(lastName);
  await expect(page.getByRole("option")).toHaveText([new RegExp(`Moussa ${lastName}`)]);
  await expect(recipient).toHaveAttribute("aria-expanded", "true");
  await expectAccessible(page);
  await recipient.press("Escape");
  await expect(page.getByRole("option")).toHaveCount(0);
  await recipient.press("ArrowDown");
  await expect(page.getByRole("option")).toHaveCount(1);
  await recipient.press("Enter");
  await expect(recipient).toHaveValue(`Moussa ${lastName}`);
  await page.getByLabel("Message", { exact: true }).fill("Bonjour Moussa.");
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(page).toHaveURL(new RegExp(`/messages/${friend.id}$`));
  await expect(page.getByRole("heading", { level: 1, name: `Moussa ${lastName}` })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Bonjour Moussa." }).last()).toBeVisible();
});

test("A message needs a recipient and a text", async ({ userPage: page }) => {
  await page.goto("/messages/new");
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(page.getByText("Choisissez un destinataire dans la liste.")).toBeVisible();
  await expect(page.getByText("Ce champ est obligatoire.")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Destinataire" })).toBeFocused();
  await expectAccessible(page);
  const recipient = page.getByRole("combobox", { name: "Destinataire" });
  await recipient.fill(unique("Personne"));
  await expect(page.getByRole("status").filter({ hasText: "Aucun résultat" })).toBeVisible();
  await recipient.press("Tab");
  await page.getByRole("link", { name: "Revenir aux messages" }).click();
  await expect(page).toHaveURL(/\/messages$/);
});

test("Opening a conversation reads it, and the badge knows", async ({ user, admin, userPage: page }) => {
  await send(admin.api, user.user, "La chambre est prête.");
  await send(user.api, admin.user, "Merci.");
  await send(admin.api, user.user, "De rien.");
  await page.goto("/messages");
  await expect(page.getByRole("link", { name: "Messages, 2 non lus" })).toBeVisible();
  const conversation = page
    .getByRole("navigation", { name: "Conversations" })
    .getByRole("link", { name: /Fatou Ndiaye/ });
  await expect(conversation).toContainText("De rien.");
  await expect(conversation).toContainText("Non lu");
  await conversation.click();
  const area = page.getByRole("log", { name: "Messages avec Fatou Ndiaye" });
  await expect(area.getByRole("listitem")).toHaveText([/La chambre est prête\./, /Merci\./, /De rien\./]);
  await expect(page.getByRole("link", { name: "Messages, aucun non lu" })).toBeVisible();
  await expectAccessible(page);
  await inEnglish(page);
  await expect(page.getByText("To: Fatou Ndiaye")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Back to the messages" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Messages" })).toBeVisible();
});

test(
  "What the other one writes shows without a reload",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    await page.clock.install();
    await send(admin.api, user.user, "Le premier.");
    await page.goto(`/messages/${admin.user.id}`);
    const area = page.getByRole("log", { name: "Messages avec Fatou Ndiaye" });
    await expect(area.getByText("Le premier.")).toBeVisible();
    await send(admin.api, user.user, "Le second.");
    await page.clock.fastForward(16_000);
    await expect(area.getByText("Le second.")).toBeVisible();
    await expect(
      page.getByRole("status").filter({ hasText: "Nouveau message de Fatou Ndiaye" }),
    ).toBeAttached();
  },
);

test(
  "A message that cannot be sent comes back to its field",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    await send(admin.api, user.user, "Bonjour.");
    await page.goto(`/messages/${admin.user.id}`);
    const field = page.getByLabel("À : Fatou Ndiaye");
    await page.route("**/api/messages/", (route) =>
      route.fulfill({ status: 429, headers: { "Retry-After": "30" }, json: { detail: "Trop." } }),
    );
    await field.fill("Bonsoir.");
    await field.press("Control+Enter");
    await expect(page.getByText("Trop de demandes. Réessayez dans 30 secondes.")).toBeVisible();
    await expect(field).toHaveValue("Bonsoir.");
    await expect(page.getByRole("listitem").filter({ hasText: "Bonsoir." })).toHaveCount(0);
    await page.unroute("**/api/messages/");
    await page.getByRole("button", { name: "Envoyer", exact: true }).click();
    await expect(page.getByRole("log").getByRole("listitem").last()).toContainText("Bonsoir.");
    await expect(field).toHaveValue("");
  },
);

test(
  "A text that is too long is counted and not sent",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    await send(admin.api, user.user, "Bonjour.");
    await page.goto(`/messages/${admin.user.id}`);
    const field = page.getByLabel("À : Fatou Ndiaye");
    // Two units of the computer's each, and one character.
    await field.fill("😀".repeat(4_990));
    await expect(page.getByText("10 caractères restants")).toBeVisible();
    await field.fill("a".repeat(5_001));
    await expect(page.getByText("1 caractère de trop")).toBeVisible();
    await expect(page.getByRole("button", { name: "Envoyer", exact: true })).toBeDisabled();
  },
);

test("Earlier messages are loaded on demand, the newest is in sight", async ({
  user,
  admin,
  userPage: page,
}) => {
  for (let n = 1; n <= 52; n += 1) await send(admin.api, user.user, `Message ${n}.`);
  await page.goto(`/messages/${admin.user.id}`);
  const area = page.getByRole("log");
  await expect(area.getByText("Message 52.")).toBeInViewport();
  await isAtTheBottom(area);
  await expect(area.getByText("Message 2.", { exact: true })).toBeHidden();
  await area.getByRole("button", { name: "Charger les messages précédents" }).click();
  await expect(area.getByText("Message 1.", { exact: true })).toBeAttached();
  await expect(area.getByRole("listitem")).toHaveCount(52);
});

test(
  "Everything unread is read on opening, however much there is",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    for (let n = 1; n <= 53; n += 1) await send(admin.api, user.user, `Message ${n}.`);
    await page.goto(`/messages/${admin.user.id}`);
    await expect.poll(() => user.api.get("/messages/unread-count/")).toEqual({ unread: 0 });
    await expect(page.getByRole("link", { name: "Messages, aucun non lu" })).toBeVisible();
  },
);

test(
  "Sending and deleting do not disturb earlier messages that are being loaded",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    for (let n = 1; n <= 52; n += 1) await send(admin.api, user.user, `Message ${n}.`);
    let goOn: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route(/\/api\/messages\/\?.*with=.*page=2/, async (route) => {
      await held;
      await route.continue();
    });
    let cancelled = false;
    page.on("requestfailed", (request) => (cancelled ||= request.url().includes("page=2")));
    await page.goto(`/messages/${admin.user.id}`);
    const area = page.getByRole("log");
    await area.getByRole("button", { name: "Charger les messages précédents" }).click();
    const field = page.getByLabel("À : Fatou Ndiaye");
    await field.fill("Entre-temps.");
    await field.press("Control+Enter");
    await expect(area.getByRole("listitem").last()).toContainText(/Entre-temps\..*Non lu/);
    await area
      .getByRole("listitem")
      .filter({ hasText: "Message 52." })
      .getByRole("button", { name: /^Supprimer/ })
      .click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Supprimer" }).click();
    await expect(area.getByText("Message 52.")).toHaveCount(0);
    goOn?.();
    await expect(area.getByText("Message 1.", { exact: true })).toBeAttached();
    await expect(area.getByText("Entre-temps.")).toBeVisible();
    await expect(area.getByText("Message 52.")).toHaveCount(0);
    expect(cancelled).toBe(false);
  },
);

test(
  "Somebody far down the directory is called by their name",
  { tag: "@once" },
  async ({ admin, userPage: page }) => {
    const { id } = admin.user;
    const others = Array.from({ length: 500 }, (_, n) => id - 250 + n).filter((other) => other !== id);
    const directory = [...others, id]
      .toSorted((a, b) => a - b)
      .map((id) => ({ id, email: `${id}@example.sn`, first_name: "Nº", last_name: String(id) }));
    await page.route("**/api/users/directory/?*", (route) => {
      const query = new URL(route.request().url()).searchParams;
      const sorted = query.get("ordering") === "id" ? directory : directory.toReversed();
      const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("page_size"))];
      const results = sorted.slice((page - 1) * size, page * size);
      return route.fulfill({ json: { count: directory.length, next: null, previous: null, results } });
    });
    await page.goto(`/messages/${id}`);
    await expect(page.getByRole("heading", { level: 1, name: `Nº ${id}` })).toBeVisible();
  },
);

test("A message that is deleted stays for the other one", async ({ user, admin, userPage: page }) => {
  const kept = await send(admin.api, user.user, "À oublier.");
  await page.goto(`/messages/${admin.user.id}`);
  await page.getByRole("button", { name: /^Supprimer le message du/ }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("Il disparaît pour vous seulement");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Supprimer" }).click();
  await expect(page.getByText("Le message est supprimé pour vous.").first()).toBeVisible();
  await expect(page.getByText("À oublier.")).toHaveCount(0);
  expect((await admin.api.get<Message>(`/messages/${kept.id}/`)).content).toBe("À oublier.");
});

test("Messages are searched for", { tag: "@once" }, async ({ user, admin, userPage: page }) => {
  await send(admin.api, user.user, "Les serviettes manquent.");
  await send(user.api, admin.user, "Elles arrivent.");
  await page.goto("/messages?search=serviettes");
  const list = page.getByRole("navigation", { name: "Conversations" });
  await expect(list.getByRole("link", { name: /Fatou Ndiaye/ })).toContainText("Les serviettes manquent.");
  await list.getByRole("link", { name: /Fatou Ndiaye/ }).click();
  const area = page.getByRole("log");
  await expect(area.getByRole("listitem")).toHaveCount(1);
  await page.getByRole("button", { name: "Effacer la recherche" }).click();
  await expect(area.getByRole("listitem")).toHaveCount(2);
});

test(
  "Conversations that cannot be read are asked for again",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    await send(admin.api, user.user, "Bonjour.");
    await page.route("**/api/messages/?*", (route) =>
      route.fulfill({ status: 429, json: { detail: "Trop." } }),
    );
    await page.goto("/messages");
    await expect(page.getByRole("alert")).toContainText("Trop de demandes.");
    await page.unroute("**/api/messages/?*");
    await page.getByRole("button", { name: "Réessayer" }).click();
    await expect(page.getByRole("link", { name: /Fatou Ndiaye/ })).toContainText("Bonjour.");
  },
);

test(
  "A conversation is printed without its field, in dark on white",
  { tag: "@once" },
  async ({ user, admin, userPage: page }) => {
    await send(user.api, admin.user, "À imprimer.");
    await page.goto(`/messages/${admin.user.id}`);
    const bubble = page.getByText("À imprimer.", { exact: true }).last();
    await expect(bubble).toBeVisible();
    await page.emulateMedia({ media: "print" });
    await expect(page.getByLabel("À : Fatou Ndiaye")).toBeHidden();
    await expect(bubble).toHaveCSS("color", "rgb(34, 34, 34)");
  },
);

test("Nobody is written to who does not exist", { tag: "@once" }, async ({ userPage: page }) => {
  await page.goto("/messages/999999999");
  await expect(page.getByText("Cette personne n'existe pas, ou n'existe plus.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Envoyer", exact: true })).toHaveCount(0);
});

test("What is said at the edge leaves the field for the next message free", async ({
  user,
  admin,
  userPage: page,
}) => {
  await user.api.post("/messages/", { recipient_id: admin.user.id, content: "Bonjour." });
  await page.goto("/messages/new");
  await page.getByRole("combobox", { name: "Destinataire" }).fill(admin.email);
  await page.getByRole("option").filter({ hasText: admin.email }).click();
  await page.getByLabel("Message", { exact: true }).fill("Bonsoir.");
  await page.getByRole("button", { name: "Envoyer" }).click();
  const said = page.locator("li").filter({ hasText: "Votre message à Fatou Ndiaye est envoyé." });
  await expect(said).toBeVisible();
  const field = page.getByLabel("À : Fatou Ndiaye");
  const [toast, box] = [await said.boundingBox(), await field.boundingBox()];
  if (!toast || !box) throw new Error("one of them is not there");
  expect(toast.y + toast.height).toBeLessThanOrEqual(box.y);
});
