import type { Locator, Page } from "@playwright/test";
import type { Email, Entry, Form, Hotel, Ticket, User } from "../src/api/schema";
import { paths } from "../src/lib/paths";
import { type Api, expect, type Person, unique } from "./fixtures";

/** Who is there in a test of a form. */
export interface Cast {
  admin: Person;
  user: Person;
}

/** A form that is open in a browser. */
export interface Opened {
  /** The method and the path, below `/api`, of the request that saves it. */
  method: "POST" | "PATCH";
  request: string;
  /** Types what is to be saved. */
  fill: (page: Page) => Promise<void>;
  /** Its button. */
  save: (page: Page) => Locator;
  /** Waits until the screen says that it is saved. */
  saved: (page: Page) => Promise<void>;
  /** Checks that what was typed is stored, once. */
  stored: () => Promise<void>;
}

export interface TestedForm {
  /** The component, below `src/features`. */
  source: string;
  /** Who fills it in; nobody where it needs no sign-in. */
  by: "admin" | "user" | "nobody";
  path: (cast: Cast) => Promise<string>;
  open: (cast: Cast) => Promise<Opened>;
  /** Whether what is typed is there again after a reload, and a request may be repeated: not so with passwords. */
  keepsDraft: boolean;
}

const button = (name: string) => (page: Page) => page.getByRole("button", { name, exact: true });
const SAVE = button("Enregistrer");
const SEND = button("Envoyer");

const toast = (text: string | RegExp) => async (page: Page) => {
  await expect(page.getByRole("region", { name: /Notifications/ }).getByText(text)).toBeVisible();
};

/** Rows that a search finds: exactly one. */
async function one<T extends object>(api: Api, path: string, expected: Partial<T>) {
  const { results } = await api.get<{ results: T[] }>(path);
  expect(results).toMatchObject([expected]);
}

const hotelNamed = (name: string) => ({ name, city: "Dakar", price_per_night: "45000" });
const makeHotel = ({ admin }: Cast) => admin.api.post<Hotel>("/hotels/", hotelNamed(unique("Hôtel")));
const makeTicket = ({ user }: Cast) =>
  user.api.post<Ticket>("/tickets/", { title: unique("Climatisation"), description: "Chambre 12." });
const FIELDS = [{ name: "nom", label: "Votre nom", type: "text", required: true }];
const makeForm = ({ admin }: Cast) =>
  admin.api.post<Form>("/forms/", { title: unique("Votre séjour"), fields: FIELDS });
const makeEntry = async (cast: Cast) => {
  const form = await makeForm(cast);
  return cast.admin.api.post<Entry>("/entries/", { form: form.id, data: { nom: "Awa" } });
};

/** The row that the path of a form is about, made once for each test. */
function about<T>(make: (cast: Cast) => Promise<T>) {
  const made = new WeakMap<Cast, Promise<T>>();
  return (cast: Cast) => {
    const row = made.get(cast) ?? make(cast);
    made.set(cast, row);
    return row;
  };
}

const hotel = about(makeHotel);
const ticket = about(makeTicket);
const form = about(makeForm);
const entry = about(makeEntry);

export const FORMS: Record<string, TestedForm> = {
  "a new hotel": {
    source: "hotels/HotelForm.tsx",
    by: "admin",
    keepsDraft: true,
    path: async () => paths.newHotel,
    open: async ({ admin }) => {
      const name = unique("Hôtel");
      return {
        method: "POST",
        request: "/hotels/",
        fill: async (page) => {
          await page.getByLabel("Nom de l'hôtel").fill(name);
          await page.getByLabel("Ville").fill("Dakar");
          await page.getByLabel("Prix par nuit").fill("45000");
        },
        save: SAVE,
        saved: toast(`${name} est créé.`),
        stored: () => one<Hotel>(admin.api, `/hotels/?search=${encodeURIComponent(name)}`, { city: "Dakar" }),
      };
    },
  },
  "a hotel": {
    source: "hotels/HotelForm.tsx",
    by: "admin",
    keepsDraft: true,
    path: async (cast) => paths.editHotel((await hotel(cast)).id),
    open: async (cast) => {
      const { id, name } = await hotel(cast);
      return {
        method: "PATCH",
        request: `/hotels/${id}/`,
        fill: (page) => page.getByLabel("Adresse").fill("12, corniche"),
        save: SAVE,
        saved: toast(`${name} est enregistré.`),
        stored: async () =>
          expect(await cast.admin.api.get(`/hotels/${id}/`)).toMatchObject({ address: "12, corniche" }),
      };
    },
  },
  "a new ticket": {
    source: "tickets/TicketForm.tsx",
    by: "user",
    keepsDraft: true,
    path: async () => paths.newTicket,
    open: async ({ user }) => {
      const title = unique("Climatisation");
      return {
        method: "POST",
        request: "/tickets/",
        fill: async (page) => {
          await page.getByLabel("Titre").fill(title);
          await page.getByLabel("Description").fill("Chambre 12.");
        },
        save: SAVE,
        saved: (page) => expect(page).toHaveURL(/\/tickets\/\d+$/),
        stored: () => one<Ticket>(user.api, `/tickets/?search=${encodeURIComponent(title)}`, { title }),
      };
    },
  },
  "a ticket": {
    source: "tickets/TicketForm.tsx",
    by: "user",
    keepsDraft: true,
    path: async (cast) => paths.editTicket((await ticket(cast)).id),
    open: async (cast) => {
      const { id } = await ticket(cast);
      return {
        method: "PATCH",
        request: `/tickets/${id}/`,
        fill: (page) => page.getByLabel("Description").fill("Chambre 13."),
        save: SAVE,
        saved: (page) => expect(page).toHaveURL(/\/tickets\/\d+$/),
        stored: async () =>
          expect(await cast.user.api.get(`/tickets/${id}/`)).toMatchObject({ description: "Chambre 13." }),
      };
    },
  },
  "a comment": {
    source: "tickets/Thread.tsx",
    by: "user",
    keepsDraft: true,
    path: async (cast) => paths.ticket((await ticket(cast)).id),
    open: async (cast) => {
      const { id } = await ticket(cast);
      return {
        method: "POST",
        request: `/tickets/${id}/comments/`,
        fill: (page) => page.getByLabel("Votre commentaire").fill("Toujours en panne."),
        save: SEND,
        saved: (page) => expect(page.getByLabel("Votre commentaire")).toHaveValue(""),
        stored: () => one(cast.user.api, `/tickets/${id}/comments/`, { content: "Toujours en panne." }),
      };
    },
  },
  "a new message": {
    source: "messages/NewMessagePage.tsx",
    by: "user",
    keepsDraft: true,
    path: async () => paths.newMessage,
    open: async ({ admin, user }) => ({
      method: "POST",
      request: "/messages/",
      fill: async (page) => {
        await page.getByRole("combobox", { name: "Destinataire" }).fill(admin.email);
        await page.getByRole("option").filter({ hasText: admin.email }).click();
        await page.getByLabel("Message", { exact: true }).fill("Bonjour.");
      },
      save: SEND,
      saved: (page) => expect(page).toHaveURL(new RegExp(`/messages/${admin.user.id}$`)),
      stored: () => one(user.api, `/messages/?with=${admin.user.id}`, { content: "Bonjour." }),
    }),
  },
  "a message": {
    source: "messages/Thread.tsx",
    by: "user",
    keepsDraft: true,
    path: async ({ admin }) => paths.conversation(admin.user.id),
    open: async ({ admin, user }) => ({
      method: "POST",
      request: "/messages/",
      fill: (page) => page.getByRole("main").getByRole("textbox").fill("Bonjour."),
      save: SEND,
      saved: (page) => expect(page.getByRole("main").getByRole("textbox")).toHaveValue(""),
      stored: () => one(user.api, `/messages/?with=${admin.user.id}`, { content: "Bonjour." }),
    }),
  },
  "a new e-mail": {
    source: "emails/NewEmailPage.tsx",
    by: "admin",
    keepsDraft: true,
    path: async () => paths.newEmail,
    open: async ({ admin }) => {
      const subject = unique("Confirmation");
      return {
        method: "POST",
        request: "/emails/",
        fill: async (page) => {
          await page.getByLabel("Destinataire").fill("awa@example.sn");
          await page.getByLabel("Sujet").fill(subject);
          await page.getByLabel("Message", { exact: true }).fill("Bonjour.");
        },
        save: SEND,
        saved: (page) => expect(page).toHaveURL(/\/emails$/),
        stored: () => one<Email>(admin.api, `/emails/?search=${encodeURIComponent(subject)}`, { subject }),
      };
    },
  },
  "a new form": {
    source: "forms/FormBuilder.tsx",
    by: "admin",
    keepsDraft: true,
    path: async () => paths.newForm,
    open: async ({ admin }) => {
      const title = unique("Votre séjour");
      return {
        method: "POST",
        request: "/forms/",
        fill: async (page) => {
          await page.getByLabel("Titre").fill(title);
          await page.getByRole("button", { name: "Ajouter un champ" }).click();
          await page.locator("[name='fields.0.label']").fill("Votre nom");
        },
        save: SAVE,
        saved: (page) => expect(page).toHaveURL(/\/forms$/),
        stored: () => one<Form>(admin.api, `/forms/?search=${encodeURIComponent(title)}`, { title }),
      };
    },
  },
  "a form": {
    source: "forms/FormBuilder.tsx",
    by: "admin",
    keepsDraft: true,
    path: async (cast) => paths.editForm((await form(cast)).id),
    open: async (cast) => {
      const { id } = await form(cast);
      return {
        method: "PATCH",
        request: `/forms/${id}/`,
        fill: (page) => page.getByLabel("Description").fill("Deux minutes."),
        save: SAVE,
        saved: (page) => expect(page).toHaveURL(/\/forms$/),
        stored: async () =>
          expect(await cast.admin.api.get(`/forms/${id}/`)).toMatchObject({ description: "Deux minutes." }),
      };
    },
  },
  "a form that a guest fills in": {
    source: "forms/PublicForm.tsx",
    by: "nobody",
    keepsDraft: true,
    path: async (cast) => paths.publicForm((await form(cast)).id),
    open: async (cast) => {
      const { id } = await form(cast);
      return {
        method: "POST",
        request: `/public/forms/${id}/entries/`,
        fill: (page) => page.getByLabel("Votre nom").fill("Awa"),
        save: SEND,
        saved: (page) => expect(page.getByRole("heading", { level: 2 })).toBeVisible(),
        stored: () => one<Entry>(cast.admin.api, `/entries/?form=${id}`, { data: { nom: "Awa" } }),
      };
    },
  },
  "an entry": {
    source: "entries/EntryForm.tsx",
    by: "admin",
    keepsDraft: true,
    path: async (cast) => {
      const { form, id } = await entry(cast);
      return paths.editEntry(form, id);
    },
    open: async (cast) => {
      const { form, id } = await entry(cast);
      return {
        method: "PATCH",
        request: `/entries/${id}/`,
        fill: (page) => page.getByLabel("Votre nom").fill("Awa Diop"),
        save: SAVE,
        saved: (page) => expect(page).toHaveURL(new RegExp(`/entries/${form}/${id}$`)),
        stored: async () =>
          expect(await cast.admin.api.get(`/entries/${id}/`)).toMatchObject({ data: { nom: "Awa Diop" } }),
      };
    },
  },
  "a new user": {
    source: "users/UserForm.tsx",
    by: "admin",
    keepsDraft: true,
    path: async () => paths.newUser,
    open: async ({ admin }) => {
      const email = `${crypto.randomUUID()}@example.sn`;
      return {
        method: "POST",
        request: "/users/",
        fill: (page) => page.getByLabel("E-mail", { exact: true }).fill(email),
        save: SAVE,
        saved: (page) => expect(page).toHaveURL(/\/users$/),
        stored: () => one<User>(admin.api, `/users/?search=${email}`, { email }),
      };
    },
  },
  "a user": {
    source: "users/UserForm.tsx",
    by: "admin",
    keepsDraft: true,
    path: async ({ user }) => paths.editUser(user.user.id),
    open: async ({ admin, user }) => ({
      method: "PATCH",
      request: `/users/${user.user.id}/`,
      fill: (page) => page.getByLabel("Prénom").fill("Aïssatou"),
      save: SAVE,
      saved: (page) => expect(page).toHaveURL(/\/users$/),
      stored: async () =>
        expect(await admin.api.get(`/users/${user.user.id}/`)).toMatchObject({ first_name: "Aïssatou" }),
    }),
  },
  "one's own profile": {
    source: "profile/ProfileForm.tsx",
    by: "user",
    keepsDraft: true,
    path: async () => paths.profile,
    open: async ({ user }) => ({
      method: "PATCH",
      request: "/auth/me/",
      fill: (page) => page.getByLabel("Prénom").fill("Aïssatou"),
      save: SAVE,
      saved: toast("Votre profil est enregistré."),
      stored: async () =>
        expect(await user.api.get("/auth/me/")).toMatchObject({ first_name: "Aïssatou", last_name: "Diop" }),
    }),
  },
  "one's own password": {
    source: "profile/PasswordForm.tsx",
    by: "user",
    keepsDraft: false,
    path: async () => paths.profile,
    open: async ({ user }) => ({
      method: "POST",
      request: "/auth/change-password/",
      fill: async (page) => {
        await page.getByLabel("Mot de passe actuel").fill(user.password);
        await page.getByLabel("Nouveau mot de passe", { exact: true }).fill("Ndar-Géej-2026");
        await page.getByLabel("Confirmer le nouveau mot de passe").fill("Ndar-Géej-2026");
      },
      save: button("Changer le mot de passe"),
      // An attempt whose answer was lost has changed it already, and the screen says so.
      saved: (page) =>
        expect(
          page.getByText("Votre mot de passe est changé.").or(page.getByText("sans doute déjà été changé")),
        ).toBeVisible(),
      stored: async () => {},
    }),
  },
  "the sign-in": {
    source: "auth/SignInForm.tsx",
    by: "nobody",
    keepsDraft: false,
    path: async () => paths.signIn,
    open: async ({ user }) => ({
      method: "POST",
      request: "/auth/login/",
      fill: async (page) => {
        await page.getByLabel("E-mail").fill(user.email);
        await page.getByLabel("Mot de passe", { exact: true }).fill(user.password);
      },
      save: button("Se connecter"),
      saved: (page) => expect(page).toHaveURL(/\/dashboard$/),
      stored: async () => {},
    }),
  },
  "the sign-up": {
    source: "auth/SignUpPage.tsx",
    by: "nobody",
    keepsDraft: false,
    path: async () => paths.signUp,
    open: async ({ admin }) => {
      const email = `${crypto.randomUUID()}@example.sn`;
      return {
        method: "POST",
        request: "/auth/register/",
        fill: async (page) => {
          await page.getByLabel("E-mail").fill(email);
          await page.getByLabel("Mot de passe", { exact: true }).fill("Ndar-Géej-2026");
        },
        save: button("S'inscrire"),
        saved: (page) => expect(page).toHaveURL(/\/dashboard$/),
        stored: () => one<User>(admin.api, `/users/?search=${email}`, { email }),
      };
    },
  },
  "a forgotten password": {
    source: "auth/ForgotPasswordPage.tsx",
    by: "nobody",
    keepsDraft: false,
    path: async () => paths.forgotPassword,
    open: async ({ user }) => ({
      method: "POST",
      request: "/auth/forgot-password/",
      fill: (page) => page.getByLabel("Votre e-mail").fill(user.email),
      save: SEND,
      saved: (page) => expect(page.getByLabel("Votre e-mail")).toBeHidden(),
      stored: async () => {},
    }),
  },
  "a new password by a link": {
    source: "auth/ResetPasswordPage.tsx",
    by: "nobody",
    keepsDraft: false,
    path: async () => `${paths.resetPassword}?token=none`,
    open: async () => ({
      method: "POST",
      request: "/auth/reset-password/",
      fill: async (page) => {
        await page.getByLabel("Nouveau mot de passe").fill("Ndar-Géej-2026");
        await page.getByLabel("Confirmer le mot de passe").fill("Ndar-Géej-2026");
      },
      save: SAVE,
      // The link is none: what matters is that the screen never loses what is typed, and says what it knows.
      saved: (page) => expect(page.getByRole("alert")).toBeVisible(),
      stored: async () => {},
    }),
  },
};
