import axios from "axios";
import { useSyncExternalStore } from "react";
import { language, takeLanguage } from "../lib/language";
import type { Refreshed, SignedIn, User } from "./schema";
import { canAsk, onTold, tell } from "./tabs";

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
/** Tells the other tabs that the session they share was ended on purpose. */
const LEFT_KEY = "left-at";
/** Says, without any secret, that a tab may hold a session that is not kept: a new tab waits for its answer. */
const HELD_KEY = "session-held";
/** How long a new tab waits for that. A tab that answers later is listened to as well. */
const ANSWER_MS = 500;
/** An access token this close to its end is renewed first. */
const MARGIN_MS = 60_000;
/**
 * How often the tokens are asked for, how long for, and the pause before the next time. Where the answer to a rotation
 * was lost, the API answers it again for ten seconds: all attempts have begun by then.
 */
const ATTEMPTS = [
  { timeout: 5_000, wait: 300 },
  { timeout: 2_500, wait: 1_000 },
  { timeout: 20_000, wait: 0 },
];

const listeners = new Set<() => void>();
let current = read();
let left = false;
let latest = current?.user;

/**
 * "Keep me signed in" is the local storage. Otherwise the session is in the storage of each tab, and tabs hand it to each
 * other: it ends with the last of them.
 */
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

function write(session: Session | null, store: Storage | undefined = storage(), isNew = false) {
  const before = current;
  if (session && store === sessionStorage) {
    hold(session);
    tell({ kind: "session", session, isNew });
  } else if (session) {
    store?.setItem(KEY, JSON.stringify(session));
  } else {
    for (const each of [localStorage, sessionStorage]) each.removeItem(KEY);
    localStorage.removeItem(HELD_KEY);
    if (before) tell({ kind: "over", refresh: before.refresh, onPurpose: left });
  }
  show(session);
}

/** Keeps a session for as long as this tab is open. */
function hold(session: Session) {
  sessionStorage.setItem(KEY, JSON.stringify(session));
  localStorage.setItem(HELD_KEY, "yes");
}

function show(session: Session | null) {
  current = session;
  if (session) {
    latest = session.user;
    left = false;
  }
  for (const listener of listeners) listener();
}

// What another tab does: it renewed the tokens, signed out, or signed in.
window.addEventListener("storage", (event) => {
  if (event.storageArea !== localStorage) return;
  if (event.key === LEFT_KEY) left = true;
  // Whoever is kept signed in replaces whoever was not.
  if (event.key === KEY && event.newValue !== null) sessionStorage.removeItem(KEY);
  if (event.key === KEY || event.key === null) show(read());
});

// The same for a session that is not kept.
onTold((message) => {
  const mine = read();
  if (message.kind === "ask") {
    if (mine && storage() === sessionStorage) tell({ kind: "session", session: mine, isNew: false });
  } else if (message.kind === "over") {
    if (mine?.refresh !== message.refresh) return;
    sessionStorage.removeItem(KEY);
    left = message.onPurpose;
    show(read());
  } else {
    const { session, isNew } = message;
    const isNewer = mine?.refresh === session.refresh && session.expiresAt >= mine.expiresAt;
    if (storage() === localStorage || !(isNew || !mine || isNewer)) return;
    hold(session);
    show(session);
  }
});

/** Ends once this tab has the session of another one, or once there seems to be none. */
export function joinOtherTabs(): Promise<void> {
  if (current || !canAsk) return Promise.resolve();
  tell({ kind: "ask" });
  if (localStorage.getItem(HELD_KEY) === null) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = onChange(end);
    const timer = setTimeout(() => {
      localStorage.removeItem(HELD_KEY);
      end();
    }, ANSWER_MS);
  });
}

// A page that the browser kept while it was elsewhere has heard of nothing.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) show(read());
});

export function session(): Session | null {
  return current;
}

/** Whether the last session was ended on purpose: whoever signs in next need not want what was on the screen. */
export function hasLeft(): boolean {
  return left;
}

/** The same for a component that is shown again when it changes. */
export function useHasLeft(): boolean {
  return useSyncExternalStore(onChange, hasLeft);
}

export function useSession(): Session | null {
  return useSyncExternalStore(onChange, session);
}

/**
 * The person who is signed in. Only for screens behind the sign-in. Where the session ended by itself it is who was:
 * their screen waits for them, unseen.
 */
export function useUser(): User {
  const user = useSession()?.user ?? latest;
  if (!user) throw new Error("nobody is signed in");
  return user;
}

/** Calls `listener` after each change, until what this answers is called. */
export function onChange(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Starts a session in every tab, in the language of its account. It outlives the last tab where it is `kept`. */
export function begin(signedIn: SignedIn, kept: boolean) {
  const { access_token: access, refresh_token: refresh, user } = signedIn;
  write(null);
  write({ access, refresh, user, expiresAt: expiry(access) }, kept ? localStorage : sessionStorage, true);
  takeLanguage(user.language);
}

/** Ends it here, on purpose; the caller tells the API. */
export function end() {
  left = true;
  if (storage() === localStorage) localStorage.setItem(LEFT_KEY, String(Date.now()));
  write(null);
}

/** It turned out to have ended. */
export function expire() {
  write(null);
}

/** After the profile may have changed. Where it has not, no screen is drawn again. */
export function remember(user: User) {
  const latest = read();
  if (latest?.user.id !== user.id || JSON.stringify(latest.user) === JSON.stringify(user)) return;
  write({ ...latest, user });
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

let underWay: { stale: string; renewed: Promise<Session | null> } | undefined;

/**
 * Renews the tokens, once for all requests and all tabs: whoever comes second finds what the first one got. `stale` is
 * the access token that is no longer good. Answers nothing where the session has ended; throws where the API cannot be
 * reached.
 */
export async function renew(stale: string): Promise<Session | null> {
  const mine = underWay?.stale === stale ? underWay : { stale, renewed: exclusively(() => replace(stale)) };
  underWay = mine;
  try {
    return await mine.renewed;
  } finally {
    if (underWay === mine) underWay = undefined;
  }
}

async function replace(stale: string): Promise<Session | null> {
  const latest = read();
  if (!latest || latest.access !== stale) {
    show(latest);
    return latest;
  }
  // Tabs hold copies of a session that is not kept, and one that slept may have missed a rotation: theirs must stay good.
  const rotate = storage() === localStorage;
  const answer = await ask(latest.refresh, rotate);
  const now = read();
  // Somebody signed out, or in, while we waited.
  if (now?.access !== stale) {
    show(now);
    return now;
  }
  if (!answer) {
    expire();
    return null;
  }
  const access = answer.access_token;
  // The profile may have changed meanwhile.
  write({ ...now, access, refresh: answer.refresh_token ?? now.refresh, expiresAt: expiry(access) });
  return current;
}

async function ask(refreshToken: string, rotate: boolean): Promise<Refreshed | undefined> {
  const body = { refresh_token: refreshToken, rotate };
  let lost: unknown;
  for (const { timeout, wait } of ATTEMPTS) {
    try {
      const headers = { "Accept-Language": language() };
      const answer = await axios.post<Refreshed>(`${BASE_URL}/api/auth/refresh/`, body, { headers, timeout });
      return answer.data;
    } catch (error) {
      const status = axios.isAxiosError(error) ? error.response?.status : undefined;
      if (status === 400 || status === 401) return undefined;
      if (status === 429) throw error;
      lost = error;
      await pause(wait);
    }
  }
  throw lost;
}

let inThisTab: Promise<unknown> = Promise.resolve();

/** What one tab stores reaches the others a moment later. */
const SETTLING_MS = 200;

/** One at a time, across tabs where the browser can do that: the next one begins once it can see what came of it. */
function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if ("locks" in navigator) {
    return new Promise((resolve, reject) => {
      void navigator.locks.request("session", async () => {
        await work().then(resolve, reject);
        await pause(SETTLING_MS);
      });
    });
  }
  const next = inThisTab.then(work, work);
  inThisTab = next.catch(() => undefined);
  return next;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
