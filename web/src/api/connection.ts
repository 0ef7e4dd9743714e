import { useSyncExternalStore } from "react";
import { BASE_URL } from "./session";

/**
 * Whether the server can be reached: the one source for everything on the screen that depends on it. The browser only
 * knows whether there is a network. What lies behind is learned from the requests, and asked for while it is away.
 */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that holds for so long is taken for stable. */
const STABLE_MS = 60_000;
/** As long as a request of nothing may take. */
const TIMEOUT_MS = 8_000;

const listeners = new Set<() => void>();
let isReached = true;
let isOnline = navigator.onLine;
let pause = FIRST_PAUSE_MS;
let reachedAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

window.addEventListener("online", () => {
  pause = FIRST_PAUSE_MS;
  if (!isReached) void ask();
  refresh();
});
window.addEventListener("offline", refresh);

/** Told by each request: whether an answer of any kind came. */
export function heardFrom(reached: boolean) {
  if (reached === isReached) return;
  isReached = reached;
  clearTimeout(timer);
  if (reached) reachedAt = Date.now();
  else {
    // Screens ask again when the connection is back. Where it breaks each time, that must not go on at full speed.
    if (Date.now() - reachedAt > STABLE_MS) pause = FIRST_PAUSE_MS;
    askLater();
  }
  refresh();
}

function askLater() {
  timer = setTimeout(() => void ask(), pause);
  pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
}

async function ask() {
  clearTimeout(timer);
  if (await canReach()) heardFrom(true);
  else if (!isReached) askLater();
}

/** Asks the server for its health. Any answer shows that it can be reached. */
export async function canReach(): Promise<boolean> {
  const controller = new AbortController();
  const end = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    await fetch(`${BASE_URL}/api/health/`, { cache: "no-store", signal: controller.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(end);
  }
}

function refresh() {
  const next = navigator.onLine && isReached;
  if (next === isOnline) return;
  isOnline = next;
  for (const listener of listeners) listener();
}

export function connected(): boolean {
  return isOnline;
}

export function useConnected(): boolean {
  return useSyncExternalStore(onConnection, connected);
}

/** Calls `listener` whenever the connection comes or goes, until what this returns is called. */
export function onConnection(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
