import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import { paths } from "../lib/paths";
import { words, type Words } from "../lib/language";
import { AdminOnly, SignedInOnly, SignedOutOnly } from "./gates";
import { NotFound } from "./NotFound";
import { Root } from "./Root";
import { RouteError } from "./RouteError";

/** What the frame around a screen needs to know about it. */
export interface Handle {
  /** In the top bar. */
  title?: Words<string>;
  /** Whether what is typed in the top bar filters this screen. */
  searches?: boolean;
}

const handle = (fr: string, en: string, searches = false): Handle => ({ title: words(fr, en), searches });

const beforeSignIn: RouteObject[] = [
  { path: paths.signIn, lazy: () => import("../features/auth/SignInPage") },
  { path: paths.signUp, lazy: () => import("../features/auth/SignUpPage") },
];

const forEveryUser: RouteObject[] = [
  { index: true, element: <Navigate to={paths.dashboard} replace /> },
  {
    path: paths.dashboard,
    handle: handle("Dashboard", "Dashboard"),
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

const forAdministrators: RouteObject[] = [
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

export const routes: RouteObject[] = [
  {
    element: <Root />,
    hydrateFallbackElement: <></>,
    errorElement: <RouteError />,
    children: [
      { element: <SignedOutOnly />, children: beforeSignIn },
      // Whoever is signed in may have asked for these, too.
      { path: paths.terms, lazy: () => import("../features/legal/LegalPage") },
      { path: paths.privacy, lazy: () => import("../features/legal/LegalPage") },
      { path: paths.forgotPassword, lazy: () => import("../features/auth/ForgotPasswordPage") },
      { path: paths.resetPassword, lazy: () => import("../features/auth/ResetPasswordPage") },
      {
        lazy: () => import("./Queries"),
        children: [
          { path: paths.publicForm(":id"), lazy: () => import("../features/forms/PublicFormPage") },
          {
            element: <SignedInOnly />,
            children: [
              {
                // Not before somebody is signed in.
                lazy: () => import("./Shell"),
                children: [
                  {
                    errorElement: <RouteError />,
                    children: [
                      ...forEveryUser,
                      { element: <AdminOnly />, children: forAdministrators },
                      { path: "*", element: <NotFound /> },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
];

export const router = createBrowserRouter(routes);
