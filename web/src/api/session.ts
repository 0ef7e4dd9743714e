import axios from "axios";
import { useSyncExternalStore } from "react";
import { language } from "../lib/language";
import type { Refreshed, SignedIn, User } from "./schema";

/** Where the API is: the same origin, unless it was built for another one. */
export const BASE_URL: string = import.meta.env.VITE_API_URL ?? "";

/** Somebody who is signed in. */
export interface Session {
  access: string;
  refresh: string;
  /** When `access` ends, by this machine's clock, in milliseconds. */
  expiresAt: number;
  user: User;
}

const KEY = "session";
/** An access token this close to its end is renewed first. */
const MARGIN_MS = 60_000;
/** Pauses before asking again where the answer to a rotation was lost. The API tolerates that for ten seconds. */
const PAUSES_MS = [500, 2_000];

const listeners = new Set<() => void>();
let current = read();

/** "Keep me signed in" is the local storage, which all tabs share. Otherwise it ends with the tab. */
function storage(): Storage | undefined {
  return [localStorage, sessionStorage].find((store) => store.getItem(KEY) !== null);
}

function read(): Session | null {
  const text = storage()?.getItem(KEY);
  if (!text) return null;
  try {
    return JSON.parse(text) as Session;
  } catch {
    return null;
  }
}

function write(session: Session | null, store: Storage | undefined = storage()) {
  if (session) store?.setItem(KEY, JSON.stringify(session));
  else for (const each of [localStorage, sessionStorage]) each.removeItem(KEY);
  show(session);
}

function show(session: Session | null) {
  current = session;
  for (const listener of listeners) listener();
}

// What another tab does: it renewed the tokens, signed out, or signed in.
window.addEventListener("storage", (event) => {
  if (event.storageArea === localStorage && (event.key === KEY || event.key === null)) show(read());
});

export function session(): Session | null {
  return current;
}

export function useSession(): Session | null {
  return useSyncExternalStore(onChange, session);
}

/** The person who is signed in. Only for screens behind the sign-in. */
export function useUser(): User {
  const here = useSession();
  if (!here) throw new Error("nobody is signed in");
  return here.user;
}

/** Calls `listener` after each change, until what this answers is called. */
export function onChange(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Starts a session, in every tab or in this one. */
export function begin(signedIn: SignedIn, kept: boolean) {
  const { access_token: access, refresh_token: refresh, user } = signedIn;
  write(null);
  write({ access, refresh, user, expiresAt: expiry(access) }, kept ? localStorage : sessionStorage);
}

/** Ends it here; the caller tells the API. */
export function end() {
  write(null);
}

/** After the profile has changed. */
export function remember(user: User) {
  const latest = read();
  if (latest) write({ ...latest, user });
}

/** The lifetime counts from now: this machine's clock may be wrong, and the token's times are the API's. */
function expiry(access: string): number {
  const claims = JSON.parse(atob((access.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as {
    iat: number;
    exp: number;
  };
  return Date.now() + (claims.exp - claims.iat) * 1000;
}

/** A token for the next request, renewed where it is about to end. Nothing where nobody is signed in. */
export async function freshToken(): Promise<string | undefined> {
  if (!current) return undefined;
  if (Date.now() < current.expiresAt - MARGIN_MS) return current.access;
  return (await renew(current.access))?.access;
}

/**
 * Renews the tokens, once for all tabs: whoever comes second finds what the first one got. `stale` is the access token
 * that is no longer good. Answers nothing where the session has ended; throws where the API cannot be reached.
 */
export async function renew(stale: string): Promise<Session | null> {
  return exclusively(async () => {
    const latest = read();
    if (!latest || latest.access !== stale) {
      show(latest);
      return latest;
    }
    // Tabs that were duplicated share a refresh token without knowing of each other: theirs must stay good.
    const rotate = storage() === localStorage;
    const answer = await ask(latest.refresh, rotate);
    // Somebody signed out, or in, while we waited.
    if (read()?.access !== stale) return current;
    if (!answer) {
      write(null);
      return null;
    }
    const access = answer.access_token;
    write({ ...latest, access, refresh: answer.refresh_token ?? latest.refresh, expiresAt: expiry(access) });
    return current;
  });
}

async function ask(refreshToken: string, rotate: boolean): Promise<Refreshed | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const body = { refresh_token: refreshToken, rotate };
      const headers = { "Accept-Language": language() };
      const answer = await axios.post<Refreshed>(`${BASE_URL}/api/auth/refresh/`, body, {
        headers,
        timeout: 20_000,
      });
      return answer.data;
    } catch (error) {
      const status = axios.isAxiosError(error) ? error.response?.status : undefined;
      if (status === 400 || status === 401) return undefined;
      const pause = PAUSES_MS[attempt];
      if (pause === undefined || status === 429) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

let inThisTab: Promise<unknown> = Promise.resolve();

/** One at a time, across tabs where the browser can do that. */
function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if ("locks" in navigator) return navigator.locks.request("session", work) as Promise<T>;
  const next = inThisTab.then(work, work);
  inThisTab = next.catch(() => undefined);
  return next;
}
