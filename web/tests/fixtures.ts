import { AxeBuilder } from "@axe-core/playwright";
import { type APIRequestContext, type Browser, expect, type Page, test as base } from "@playwright/test";
import type { SignedIn, User } from "../src/api/schema";

export { expect };

const PASSWORD = "Teranga-2026-Dakar";

/** Where the platform is. */
export function platformUrl(): string {
  const url = process.env.RED_URL;
  if (!url) throw new Error("no platform was started");
  return url;
}

/** Something that no other test has. */
export function unique(name: string): string {
  return `${name} ${crypto.randomUUID().slice(0, 8)}`;
}

/** The API, as somebody. */
export class Api {
  private readonly request: APIRequestContext;
  readonly session: SignedIn;

  constructor(request: APIRequestContext, session: SignedIn) {
    this.request = request;
    this.session = session;
  }

  static async signIn(request: APIRequestContext, email: string, password: string): Promise<Api> {
    const answer = await request.post(`${platformUrl()}/api/auth/login/`, { data: { email, password } });
    expect(answer.status(), await answer.text()).toBe(200);
    return new Api(request, (await answer.json()) as SignedIn);
  }

  get user(): User {
    return this.session.user;
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>("get", path);
  }

  post<T>(path: string, data: unknown = {}): Promise<T> {
    return this.send<T>("post", path, data);
  }

  patch<T>(path: string, data: unknown): Promise<T> {
    return this.send<T>("patch", path, data);
  }

  remove(path: string): Promise<void> {
    return this.send<void>("delete", path);
  }

  private async send<T>(
    method: "get" | "post" | "patch" | "delete",
    path: string,
    data?: unknown,
  ): Promise<T> {
    const headers = { Authorization: `Bearer ${this.session.access_token}` };
    const options = data === undefined ? { headers } : { headers, data };
    const answer = await this.request[method](`${platformUrl()}/api${path}`, options);
    const text = await answer.text();
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`).toBe(true);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

/** Somebody who is signed in, in a browser and at the API. */
export interface Person {
  api: Api;
  user: User;
  email: string;
  password: string;
}

interface Fixtures {
  /** The API as the platform's first administrator. */
  api: Api;
  /** Makes an account of its own. */
  person: (options?: { admin?: boolean }) => Promise<Person>;
  /** A page of a new administrator. */
  adminPage: Page;
  admin: Person;
  /** A page of a new user. */
  userPage: Page;
  user: Person;
}

interface WorkerFixtures {
  root: Api;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  root: [
    async ({ playwright }, provide) => {
      const [email = "", password = ""] = (process.env.RED_ADMIN ?? "").split(/:(.*)/s);
      const request = await playwright.request.newContext();
      await provide(await Api.signIn(request, email, password));
      await request.dispose();
    },
    { scope: "worker" },
  ],
  baseURL: async ({}, provide) => provide(platformUrl()),
  api: async ({ root }, provide) => provide(root),
  person: async ({ root, playwright }, provide) => {
    const request = await playwright.request.newContext();
    await provide(async ({ admin = false } = {}) => {
      const email = `${crypto.randomUUID()}@example.sn`;
      const names = { first_name: admin ? "Fatou" : "Awa", last_name: admin ? "Ndiaye" : "Diop" };
      // Hundreds of administrators would be mailed about each ticket.
      const account = { email, password: PASSWORD, is_admin: admin, ticket_mail: false };
      await root.post("/users/", { ...account, ...names });
      const api = await Api.signIn(request, email, PASSWORD);
      return { api, user: api.user, email, password: PASSWORD };
    });
    await request.dispose();
  },
  admin: async ({ person }, provide) => provide(await person({ admin: true })),
  user: async ({ person }, provide) => provide(await person()),
  adminPage: async ({ browser, baseURL, admin, contextOptions }, provide) => {
    const page = await pageOf(browser, admin, { ...contextOptions, baseURL });
    await provide(page);
    await page.context().close();
  },
  userPage: async ({ browser, baseURL, user, contextOptions }, provide) => {
    const page = await pageOf(browser, user, { ...contextOptions, baseURL });
    await provide(page);
    await page.context().close();
  },
});

/** A page in a browser that keeps this person signed in. */
export async function pageOf(
  browser: Browser,
  person: Person,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  await keepSignedIn(context, person);
  return context.newPage();
}

async function keepSignedIn(context: Awaited<ReturnType<Browser["newContext"]>>, { api }: Person) {
  const { access_token: access, refresh_token: refresh, user } = api.session;
  const session = JSON.stringify({ access, refresh, user, expiresAt: Date.now() + 3_600_000 });
  // Once: signing out must not be undone by the next page.
  await context.addInitScript((text) => {
    if (localStorage.getItem("given")) return;
    localStorage.setItem("given", "yes");
    localStorage.setItem("session", text);
  }, session);
}

/** What axe finds wrong with a page: nothing. */
export async function expectAccessible(page: Page) {
  // A page that is not there yet has nothing in it to be busy.
  await expect(page.locator("h1:visible").first()).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const said = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
  expect(said).toEqual([]);
}

/** The same page in the other language, which is that of the account where somebody is signed in. */
export async function inEnglish(page: Page) {
  await page.evaluate(async () => {
    localStorage.setItem("language", "en");
    const session = JSON.parse(
      localStorage.getItem("session") ?? sessionStorage.getItem("session") ?? "null",
    );
    if (!session) return;
    const headers = { Authorization: `Bearer ${session.access}`, "Content-Type": "application/json" };
    await fetch("/api/auth/me/", { method: "PATCH", headers, body: JSON.stringify({ language: "en" }) });
  });
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
}
