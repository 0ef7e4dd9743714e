import { api } from "./client";
import { end, session } from "./session";

/** Ends the session here at once. The API is told; if it cannot be reached, the session there ends by itself. */
export async function signOut() {
  const refreshToken = session()?.refresh;
  end();
  if (refreshToken) {
    await api
      .post("/auth/logout/", { refresh_token: refreshToken }, { anonymous: true })
      .catch(() => undefined);
  }
}
