import { useEffect } from "react";
import { useBlocker } from "react-router";
import { ConfirmDialog } from "../ui/Dialog";
import { useWords, words } from "./language";
import { addGuard, type Unsaved } from "./leaving";

const text = words(
  {
    typed: {
      title: "Quitter sans enregistrer ?",
      body: "Ce que vous avez saisi n'est pas enregistré et sera perdu.",
      leave: "Quitter",
      stay: "Continuer la saisie",
    },
    saving: {
      title: "Quitter pendant l'enregistrement ?",
      body: "L'enregistrement continue. S'il échoue, un message vous le dira et vous pourrez rouvrir ce formulaire.",
      leave: "Quitter",
      stay: "Attendre",
    },
  },
  {
    typed: {
      title: "Leave without saving?",
      body: "What you have typed is not saved and will be lost.",
      leave: "Leave",
      stay: "Go on typing",
    },
    saving: {
      title: "Leave while this is being saved?",
      body: "Saving goes on. If it fails, a message tells you, and you can open this form again.",
      leave: "Leave",
      stay: "Wait",
    },
  },
);

/** The state of a navigation that gives up on purpose what is typed on the page that it leaves. */
export const GIVES_UP = { givesUp: true };

function givesUp(state: unknown): boolean {
  return typeof state === "object" && state !== null && "givesUp" in state;
}

interface Props {
  /** What would be interrupted; read at the moment of leaving. */
  when: () => Unsaved | undefined;
  /** Called when somebody leaves although something is typed. */
  onGiveUp: () => void;
}

/** Asks before a form is left by accident. */
export function UnsavedGuard({ when, onGiveUp }: Props) {
  const w = useWords(text);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      currentLocation.pathname !== nextLocation.pathname &&
      !givesUp(nextLocation.state) &&
      when() !== undefined,
  );
  useEffect(() => addGuard(when), [when]);
  useWarnBeforeUnload(when);
  const said = w[(blocker.state === "blocked" && when()) || "typed"];

  return (
    <ConfirmDialog
      open={blocker.state === "blocked"}
      title={said.title}
      body={said.body}
      confirm={said.leave}
      cancel={said.stay}
      look={said === w.saving ? "primary" : "danger"}
      onConfirm={() => {
        if (when() === "typed") onGiveUp();
        blocker.proceed?.();
      }}
      onCancel={() => blocker.reset?.()}
    />
  );
}

/** The browser's own question when the tab is closed or reloaded. */
export function useWarnBeforeUnload(when: () => Unsaved | undefined) {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (when()) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [when]);
}
