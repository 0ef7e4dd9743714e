import { useEffect, useRef, useSyncExternalStore } from "react";
import { Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import { useWords, words } from "../lib/language";
import { placeOf } from "../lib/scrollPlaces";

const text = words(
  { offline: "Vous êtes hors ligne : ce que vous voyez peut dater." },
  { offline: "You are offline: what you see may be old." },
);

/** What is around every page: the bar of a navigation under way, and the word that one is offline. */
export function Root() {
  const w = useWords(text);
  const loading = useNavigation().state === "loading";
  const online = useOnline();
  useFocusOnTitle();
  return (
    <>
      {loading && <div className="fixed inset-x-0 top-0 z-60 h-1 animate-pulse bg-accent" />}
      <div role="status" className="print:hidden">
        {!online && <p className="bg-accent px-4 py-2 text-center text-sm text-ink">{w.offline}</p>}
      </div>
      <Outlet />
      <ScrollRestoration getKey={placeOf} />
    </>
  );
}

function useOnline(): boolean {
  return useSyncExternalStore(onConnection, () => navigator.onLine);
}

function onConnection(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** After a navigation the focus would stay on a link that is gone. It goes to the title, unless a field took it. */
function useFocusOnTitle() {
  const { pathname } = useLocation();
  const previous = useRef(pathname);
  useEffect(() => {
    if (pathname === previous.current) return;
    previous.current = pathname;
    const active = document.activeElement;
    const taken = active instanceof HTMLElement && active.matches("main input, main textarea, main select");
    if (!taken) document.querySelector("h1")?.focus({ preventScroll: true });
  }, [pathname]);
}
