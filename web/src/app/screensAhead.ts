import { useEffect } from "react";
import { useUser } from "../api/session";
import { screensFor } from "./screens";

/** Long enough that the screen that was asked for comes first. */
const PAUSE_MS = 3_000;

interface Network {
  saveData?: boolean;
}

/** Loads the other screens while nothing else happens, so that they open without a network, too. */
export function useScreensAhead() {
  const { is_admin: isAdmin } = useUser();
  useEffect(() => {
    const { connection } = navigator as Navigator & { connection?: Network };
    if (connection?.saveData) return undefined;
    let isOver = false;
    const load = async () => {
      for (const screen of [() => import("./SignInAgain"), ...screensFor(isAdmin)]) {
        if (isOver || !navigator.onLine) return;
        // A screen that fails to load is loaded again when it is opened.
        await screen().catch(() => undefined);
      }
    };
    const timer = setTimeout(() => void load(), PAUSE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isAdmin]);
}
