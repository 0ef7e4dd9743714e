import { api, type Write } from "../../api/client";
import { ApiError } from "../../api/error";
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

export async function signIn(credentials: Credentials, kept: boolean, write: Write) {
  begin(await api.post<SignedIn>("/auth/login/", credentials, { ...anonymous, write }), kept);
}

export async function signUp(registration: Registration, write: Write) {
  const mayExist = write.isUncertain;
  try {
    begin(await api.post<SignedIn>("/auth/register/", registration, { ...anonymous, write }), false);
  } catch (error) {
    // The address may be taken by the attempt whose answer was lost.
    if (!mayExist || !(error instanceof ApiError) || !("email" in error.fields)) throw error;
    const { email, password } = registration;
    await signIn({ email, password }, false, write).catch(() => {
      throw error;
    });
  }
}

export function askForReset(email: ForgottenPassword, write: Write): Promise<ResetRequested> {
  return api.post<ResetRequested>("/auth/forgot-password/", email, { ...anonymous, write });
}

export async function resetPassword(password: NewPassword, write: Write) {
  await api.post("/auth/reset-password/", password, { ...anonymous, write });
}
