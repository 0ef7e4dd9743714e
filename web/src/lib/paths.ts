/** Every address of the application. E-mails lead to `resetPassword` and `ticket`: those must never change. */
export const paths = {
  signIn: "/login",
  signUp: "/register",
  forgotPassword: "/forgot-password",
  resetPassword: "/reset-password",
  terms: "/terms",
  privacy: "/privacy",
  dashboard: "/dashboard",
  hotels: "/hotels",
  newHotel: "/hotels/new",
  hotel: (id: number | string) => `/hotels/${id}`,
  editHotel: (id: number | string) => `/hotels/${id}/edit`,
  tickets: "/tickets",
  newTicket: "/tickets/new",
  ticket: (id: number | string) => `/tickets/${id}`,
  editTicket: (id: number | string) => `/tickets/${id}/edit`,
  messages: "/messages",
  newMessage: "/messages/new",
  conversation: (user: number | string) => `/messages/${user}`,
  emails: "/emails",
  newEmail: "/emails/new",
  suppressions: "/emails/suppressions",
  email: (id: number | string) => `/emails/${id}`,
  forms: "/forms",
  newForm: "/forms/new",
  editForm: (id: number | string) => `/forms/${id}/edit`,
  publicForm: (id: number | string) => `/public/forms/${id}`,
  entries: "/entries",
  entriesOf: (form: number | string) => `/entries/${form}`,
  entry: (form: number | string, id: number | string) => `/entries/${form}/${id}`,
  editEntry: (form: number | string, id: number | string) => `/entries/${form}/${id}/edit`,
  users: "/users",
  newUser: "/users/new",
  editUser: (id: number | string) => `/users/${id}/edit`,
  audit: "/audit",
  profile: "/profile",
  admin: "/admin",
} as const;

/** Where to go after signing in: only ever a path of this application. */
export function safeReturn(next: string | null): string {
  return next && /^\/(?![/\\])\P{Cc}*$/u.test(next) ? next : paths.dashboard;
}
