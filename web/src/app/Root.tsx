import { useEffect, useRef } from "react";
import { Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import { useConnected } from "../api/connection";
import { useWords, words } from "../lib/language";
import { placeOf } from "../lib/scrollPlaces";

const text = words(
  { offline: "Hors ligne : ce que vous voyez peut dater." },
  { offline: "Offline: what you see may be out of date." },
);

/** What is around every page: the bar of a navigation under way, and the word that one is offline. */
export function Root() {
  const w = useWords(text);
  const loading = useNavigation().state === "loading";
  const isConnected = useConnected();
  // What sticks to the top of the window makes room for the banner.
  useEffect(() => {
    document.documentElement.toggleAttribute("data-offline", !isConnected);
  }, [isConnected]);
  useFocusOnTitle();
  return (
    <>
      {loading && <div className="fixed inset-x-0 top-0 z-60 h-1 animate-pulse bg-accent" />}
      <div role="status" className="sticky top-0 z-60 print:hidden">
        {!isConnected && (
          <p className="flex h-9 items-center justify-center bg-accent px-4 text-sm text-ink">{w.offline}</p>
        )}
      </div>
      <Outlet />
      <ScrollRestoration getKey={placeOf} />
    </>
  );
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
