const KEY = "reloaded-at";
const ONCE_PER_MS = 60_000;
/** As long as the page itself may take to answer. */
const TIMEOUT_MS = 8_000;

const failures = new WeakSet<object>();

/** Notes which errors are those of code that could not be loaded. */
export function noteLoadFailures() {
  window.addEventListener("vite:preloadError", ({ payload }) => failures.add(payload));
}

/** Whether `error` says that the code of a screen could not be loaded. */
export function isLoadFailure(error: unknown): boolean {
  return typeof error === "object" && error !== null && failures.has(error);
}

/**
 * Starts anew if the server answers: the code may be gone since a deployment. Returns whether it does. By itself it does
 * so once a minute at most, so that code that is broken does not reload for ever.
 */
export async function reloadIfAnswered({ isAsked = false } = {}): Promise<boolean> {
  if (!isAsked && Date.now() - Number(sessionStorage.getItem(KEY)) < ONCE_PER_MS) return false;
  if (!(await answers())) return false;
  sessionStorage.setItem(KEY, String(Date.now()));
  window.location.reload();
  return true;
}

async function answers(): Promise<boolean> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    return (await fetch("/", { cache: "no-store", signal: controller.signal })).ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
