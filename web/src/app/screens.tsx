import { Navigate, type RouteObject } from "react-router";
import { words, type Words } from "../lib/language";
import { paths } from "../lib/paths";

/** What the frame around a screen needs to know about it. */
export interface Handle {
  /** In the top bar. */
  title?: Words<string>;
  /** Whether what is typed in the top bar filters this screen. */
  searches?: boolean;
}

const handle = (fr: string, en: string, searches = false): Handle => ({ title: words(fr, en), searches });

export const forEveryUser: RouteObject[] = [
  { index: true, element: <Navigate to={paths.dashboard} replace /> },
  {
    path: paths.dashboard,
    handle: handle("Tableau de bord", "Dashboard"),
    lazy: () => import("../features/dashboard/DashboardPage"),
  },
  {
    path: paths.hotels,
    handle: handle("Liste des hôtels", "Hotels", true),
    lazy: () => import("../features/hotels/HotelsPage"),
  },
  {
    path: paths.hotel(":id"),
    handle: handle("Liste des hôtels", "Hotels"),
    lazy: () => import("../features/hotels/HotelPage"),
  },
  {
    path: paths.profile,
    handle: handle("Mon profil", "My profile"),
    lazy: () => import("../features/profile/ProfilePage"),
  },
  {
    path: paths.tickets,
    handle: handle("Tickets", "Tickets", true),
    lazy: () => import("../features/tickets/TicketsPage"),
  },
  {
    path: paths.newTicket,
    handle: handle("Tickets", "Tickets"),
    lazy: () => import("../features/tickets/NewTicketPage"),
  },
  {
    path: paths.ticket(":id"),
    handle: handle("Tickets", "Tickets"),
    lazy: () => import("../features/tickets/TicketPage"),
  },
  {
    path: paths.editTicket(":id"),
    handle: handle("Tickets", "Tickets"),
    lazy: () => import("../features/tickets/EditTicketPage"),
  },
  {
    // One route for both, so that the list stays as it is while a conversation is opened beside it.
    path: `${paths.conversation(":userId")}?`,
    handle: handle("Messages", "Messages", true),
    lazy: () => import("../features/messages/MessagesPage"),
  },
  {
    path: paths.newMessage,
    handle: handle("Messages", "Messages"),
    lazy: () => import("../features/messages/NewMessagePage"),
  },
  {
    path: paths.forms,
    handle: handle("Formulaires", "Forms", true),
    lazy: () => import("../features/forms/FormsPage"),
  },
];

export const forAdministrators: RouteObject[] = [
  { path: paths.admin, element: <Navigate to={paths.users} replace /> },
  {
    path: paths.newHotel,
    handle: handle("Liste des hôtels", "Hotels"),
    lazy: () => import("../features/hotels/NewHotelPage"),
  },
  {
    path: paths.editHotel(":id"),
    handle: handle("Liste des hôtels", "Hotels"),
    lazy: () => import("../features/hotels/EditHotelPage"),
  },
  {
    path: paths.users,
    handle: handle("Utilisateurs", "Users", true),
    lazy: () => import("../features/users/UsersPage"),
  },
  {
    path: paths.newUser,
    handle: handle("Utilisateurs", "Users"),
    lazy: () => import("../features/users/NewUserPage"),
  },
  {
    path: paths.editUser(":id"),
    handle: handle("Utilisateurs", "Users"),
    lazy: () => import("../features/users/EditUserPage"),
  },
  {
    path: paths.audit,
    handle: handle("Journal d'audit", "Audit log"),
    lazy: () => import("../features/audit/AuditPage"),
  },
  {
    path: paths.emails,
    handle: handle("E-mails", "E-mails", true),
    lazy: () => import("../features/emails/EmailsPage"),
  },
  {
    path: paths.newEmail,
    handle: handle("E-mails", "E-mails"),
    lazy: () => import("../features/emails/NewEmailPage"),
  },
  {
    path: paths.suppressions,
    handle: handle("Adresses bloquées", "Blocked addresses", true),
    lazy: () => import("../features/emails/SuppressionsPage"),
  },
  {
    path: paths.email(":id"),
    handle: handle("E-mails", "E-mails"),
    lazy: () => import("../features/emails/EmailPage"),
  },
  {
    path: paths.newForm,
    handle: handle("Formulaires", "Forms"),
    lazy: () => import("../features/forms/NewFormPage"),
  },
  {
    path: paths.editForm(":id"),
    handle: handle("Formulaires", "Forms"),
    lazy: () => import("../features/forms/EditFormPage"),
  },
  {
    path: paths.entries,
    handle: handle("Entrées", "Entries", true),
    lazy: () => import("../features/entries/EntriesFormsPage"),
  },
  {
    path: paths.entriesOf(":form"),
    handle: handle("Entrées", "Entries", true),
    lazy: () => import("../features/entries/EntriesPage"),
  },
  {
    path: paths.entry(":form", ":id"),
    handle: handle("Entrées", "Entries"),
    lazy: () => import("../features/entries/EntryPage"),
  },
  {
    path: paths.editEntry(":form", ":id"),
    handle: handle("Entrées", "Entries"),
    lazy: () => import("../features/entries/EditEntryPage"),
  },
];

/** What loads the screens of a person. */
export function screensFor(isAdmin: boolean): (() => Promise<unknown>)[] {
  const routes = isAdmin ? [...forEveryUser, ...forAdministrators] : forEveryUser;
  return routes.flatMap(({ lazy }) => (typeof lazy === "function" ? [lazy] : []));
}
