/**
 * A client generated from docs/openapi.json: it reads each resource and sends the row back as it was read. That this
 * compiles is the main assertion. `generated-client.spec.ts` also runs it.
 */
import createClient, { type Client } from "openapi-fetch";
import type { FormField, paths } from "../../src/api/schema";

export type Api = Client<paths>;

export function connect(baseUrl: string, token?: string): Api {
  return createClient<paths>({ baseUrl, ...(token && { headers: { authorization: `Bearer ${token}` } }) });
}

type Json = { content: { "application/json": unknown } };
type Answer<Operation> = Operation extends {
  responses: { 200: { content: { "application/json": infer Row } } };
}
  ? Row
  : never;
type Body<Operation> = Operation extends { requestBody?: infer Taken }
  ? Extract<Taken, Json>["content"]["application/json"]
  : never;
/** The paths whose row cannot be sent back by a method, of those that take JSON by it. */
type Refused<Method extends "put" | "patch"> = {
  [Path in keyof paths]: paths[Path] extends { [M in Method]: infer Write } & { get: infer Read }
    ? [Body<Write>] extends [never]
      ? never
      : Answer<Read> extends Body<Write>
        ? never
        : Path
    : never;
}[keyof paths];

type None<T extends never> = T;
/** Does not compile if there is such a path. */
export type NoneIsRefused = None<Refused<"put"> | Refused<"patch">>;

/** The data of an answer. */
function data<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** A row, what PUT and what PATCH made of it. */
export type Written = [name: string, read: object, ...written: object[]];

export async function hotels(api: Api): Promise<Written> {
  const [price, name] = [45_000.5, `Hôtel ${crypto.randomUUID()}`];
  const body = { name, city: "Dakar", price_per_night: price, currency: "EUR", rooms_count: 4 } as const;
  const { id } = data(await api.POST("/api/hotels", { body }));
  const row = { params: { path: { id } } };
  const read = data(await api.GET("/api/hotels/{id}", row));
  const query = {
    page: 1,
    page_size: 1,
    ordering: "-id",
    search: name,
    currency: read.currency,
    is_active: read.is_active,
    price_per_night__gte: price,
    price_per_night__lte: read.price_per_night,
    rating__gte: read.rating,
    available_rooms__gte: read.available_rooms,
  };
  const found = data(await api.GET("/api/hotels", { params: { query } }));
  const put = data(await api.PUT("/api/hotels/{id}", { ...row, body: read }));
  const patch = data(await api.PATCH("/api/hotels/{id}", { ...row, body: read }));
  const { currency, price_per_night } = read;
  await api.PATCH("/api/hotels/{id}", { ...row, body: { currency, price_per_night } });
  return ["hotel", read, ...found.results, put, patch];
}

export async function tickets(api: Api): Promise<Written> {
  const created = { title: "Climatisation", description: "En panne", priority: "high" } as const;
  const { id } = data(await api.POST("/api/tickets", { body: created }));
  const row = { params: { path: { id } } };
  const read = data(await api.GET("/api/tickets/{id}", row));
  const { status, priority, user, created_at } = read;
  const query = {
    page: "last",
    status,
    priority,
    user,
    created_at__gte: created_at,
    ordering: "id",
  } as const;
  const found = data(await api.GET("/api/tickets", { params: { query } }));
  const put = data(await api.PUT("/api/tickets/{id}", { ...row, body: read }));
  const patch = data(await api.PATCH("/api/tickets/{id}", { ...row, body: { priority, status } }));
  const whole = data(await api.PATCH("/api/tickets/{id}", { ...row, body: read }));
  await api.POST("/api/tickets", { body: read });
  return ["ticket", read, ...found.results, put, patch, whole];
}

export async function users(api: Api): Promise<Written> {
  const email = `${crypto.randomUUID()}@example.sn`;
  const { id } = data(await api.POST("/api/users", { body: { email, password: "Teranga-2026-Dakar" } }));
  const row = { params: { path: { id } } };
  const read = data(await api.GET("/api/users/{id}", row));
  const put = data(await api.PUT("/api/users/{id}", { ...row, body: read }));
  const patch = data(await api.PATCH("/api/users/{id}", { ...row, body: read }));
  return ["user", read, put, patch];
}

export async function me(api: Api): Promise<Written> {
  const read = data(await api.GET("/api/auth/me"));
  const patch = data(await api.PATCH("/api/auth/me", { body: read }));
  return ["me", read, patch];
}

export async function messages(api: Api): Promise<Written> {
  const people = data(await api.GET("/api/users/directory", { params: { query: { page_size: 100 } } }));
  const own = data(await api.GET("/api/auth/me"));
  const recipient = people.results.find((person) => person.id !== own.id);
  if (!recipient) throw new Error("there is nobody to write to");
  const first = data(await api.POST("/api/messages", { body: { recipient, content: "Bonjour" } }));
  data(await api.POST("/api/messages", { body: { recipient: recipient.id, content: "Bonjour" } }));
  data(await api.POST("/api/messages", { body: { recipient_id: recipient.id, content: "Bonjour" } }));
  data(await api.POST("/api/messages", { body: first }));
  const row = { params: { path: { id: first.id } } };
  const read = data(await api.GET("/api/messages/{id}", row));
  const patch = data(await api.PATCH("/api/messages/{id}", { ...row, body: read }));
  return ["message", read, patch];
}

export async function forms(api: Api): Promise<[form: Written, entry: Written]> {
  const fields: FormField[] = [
    { name: "chambre", label: "Chambre", type: "integer", required: true, min: 1 },
    { name: "avis", label: "Avis", type: "select", options: ["Bien", "Moyen"] },
    { name: "arrivee", label: "Arrivée", type: "date", min: "2026-01-01" },
  ];
  const body = { title: "Votre séjour", fields };
  const { id } = data(await api.POST("/api/forms", { body }));
  const row = { params: { path: { id } } };
  const read = data(await api.GET("/api/forms/{id}", row));
  const put = data(await api.PUT("/api/forms/{id}", { ...row, body: read }));
  const patch = data(await api.PATCH("/api/forms/{id}", { ...row, body: { fields: read.fields } }));
  const open = data(await api.GET("/api/public/forms/{id}", row));
  data(await api.POST("/api/forms", { body: { ...open, is_active: false } }));
  return [["form", read, put, patch], await entries(api, id)];
}

async function entries(api: Api, form: number): Promise<Written> {
  const { id } = data(
    await api.POST("/api/entries", { body: { form, data: { chambre: 12, avis: "Bien" } } }),
  );
  const row = { params: { path: { id } } };
  const read = data(await api.GET("/api/entries/{id}", row));
  const query = { form: read.form, created_at__gte: "2026-01-31", created_at__lte: read.created_at, page: 1 };
  const found = data(await api.GET("/api/entries", { params: { query } }));
  const put = data(await api.PUT("/api/entries/{id}", { ...row, body: read }));
  const patch = data(await api.PATCH("/api/entries/{id}", { ...row, body: read }));
  return ["entry", read, ...found.results, put, patch];
}

/** Under every name that the paths for credentials and tokens take. */
export async function tokens(api: Api, username: string, password: string): Promise<void> {
  const named = data(await api.POST("/api/token", { body: { username, password } }));
  data(await api.POST("/api/token", { body: { email: username, password } }));
  const { refresh } = named;
  for (const body of [{ refresh }, { refresh_token: refresh }]) {
    for (const path of ["/api/auth/refresh", "/api/token/refresh", "/api/auth/token/refresh"] as const) {
      data(await api.POST(path, { body }));
    }
  }
  const signedIn = data(await api.POST("/api/auth/login", { body: { email: username, password } }));
  await api.POST("/api/auth/logout", { body: signedIn });
  await api.POST("/api/auth/logout", { body: { refresh } });
}

export async function emails(api: Api): Promise<Written> {
  const body = {
    recipient: "awa.diop@example.sn",
    subject: "Votre réservation",
    body: "À demain.",
    scheduled_at: "2036-12-01T08:00:00Z",
  };
  const { id } = data(await api.POST("/api/emails", { body }));
  const row = { params: { path: { id } } };
  const read = data(await api.GET("/api/emails/{id}", row));
  const query = {
    status: read.status,
    is_sent: read.is_sent,
    created_at__lte: read.created_at,
    page_size: 1,
  };
  const found = data(await api.GET("/api/emails", { params: { query } }));
  const put = data(await api.PUT("/api/emails/{id}", { ...row, body: read }));
  const patch = data(await api.PATCH("/api/emails/{id}", { ...row, body: read }));
  data(await api.POST("/api/emails", { body: read }));
  await api.DELETE("/api/emails/{id}", row);
  return ["email", read, ...found.results, put, patch];
}

/** Filters with the words and numbers of the rows that they find. */
export async function audit(api: Api): Promise<void> {
  const [event] = data(await api.GET("/api/audit", { params: { query: { page: "last" } } })).results;
  if (!event) return;
  const { action, resource, created_at } = event;
  data(await api.GET("/api/audit", { params: { query: { action, resource, created_at__gte: created_at } } }));
}
