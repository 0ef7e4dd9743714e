import { api } from "../../api/client";
import type {
  Credentials,
  ForgottenPassword,
  NewPassword,
  Registration,
  ResetRequested,
  SignedIn,
} from "../../api/schema";
import { begin } from "../../api/session";

const anonymous = { anonymous: true };

export async function signIn(credentials: Credentials, kept: boolean) {
  begin(await api.post<SignedIn>("/auth/login/", credentials, anonymous), kept);
}

export async function signUp(registration: Registration) {
  begin(await api.post<SignedIn>("/auth/register/", registration, anonymous), false);
}

export function askForReset(email: ForgottenPassword): Promise<ResetRequested> {
  return api.post<ResetRequested>("/auth/forgot-password/", email, anonymous);
}

export async function resetPassword(password: NewPassword) {
  await api.post("/auth/reset-password/", password, anonymous);
}
