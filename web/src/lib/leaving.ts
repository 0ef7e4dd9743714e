import { useSyncExternalStore } from "react";
import { signOut } from "../api/signOut";

/** What would be interrupted by leaving the screen. */
export type Unsaved = "typed" | "saving";

const guards = new Set<() => Unsaved | undefined>();
const listeners = new Set<() => void>();
let isAsking = false;

/** Has `guard` asked before somebody signs out, until what this returns is called. */
export function addGuard(guard: () => Unsaved | undefined) {
  guards.add(guard);
  return () => {
    guards.delete(guard);
  };
}

/** Signs out, after a question where something is not saved. */
export function askToSignOut() {
  if ([...guards].some((guard) => guard())) ask(true);
  else void signOut();
}

/** The question: whether it is open, and what answers it. */
export function useSignOutQuestion() {
  const isOpen = useSyncExternalStore(subscribe, () => isAsking);
  return {
    isOpen,
    confirm: () => {
      ask(false);
      void signOut();
    },
    cancel: () => ask(false),
  };
}

function ask(next: boolean) {
  isAsking = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
