const KEY = "reloaded-at";
const ONCE_PER_MS = 60_000;

/** After a deployment the screens that an open tab still wants to load are gone: it starts anew, once. */
export function reloadForNewVersion() {
  window.addEventListener("vite:preloadError", (event) => {
    const before = Number(sessionStorage.getItem(KEY));
    if (Date.now() - before < ONCE_PER_MS) return;
    event.preventDefault();
    sessionStorage.setItem(KEY, String(Date.now()));
    window.location.reload();
  });
}
