import { useEffect } from "react";
import { useBlocker } from "react-router";
import { ConfirmDialog } from "../ui/Dialog";
import { useWords, words } from "./language";

const text = words(
  {
    title: "Quitter sans enregistrer ?",
    body: "Ce que vous avez saisi n'est pas enregistré et sera perdu.",
    leave: "Quitter",
    stay: "Continuer la saisie",
  },
  {
    title: "Leave without saving?",
    body: "What you have typed is not saved and will be lost.",
    leave: "Leave",
    stay: "Go on typing",
  },
);

/** The state of a navigation that gives up on purpose what is typed on the page that it leaves. */
export const GIVES_UP = { givesUp: true };

function givesUp(state: unknown): boolean {
  return typeof state === "object" && state !== null && "givesUp" in state;
}

/** Asks before a form is left by accident. `when` is whether something would be lost; read at the moment of leaving. */
export function UnsavedGuard({ when }: { when: () => boolean }) {
  const w = useWords(text);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      currentLocation.pathname !== nextLocation.pathname && !givesUp(nextLocation.state) && when(),
  );

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (when()) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [when]);

  return (
    <ConfirmDialog
      open={blocker.state === "blocked"}
      title={w.title}
      body={w.body}
      confirm={w.leave}
      cancel={w.stay}
      onConfirm={() => blocker.proceed?.()}
      onCancel={() => blocker.reset?.()}
    />
  );
}
