import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { useWords, words } from "../lib/language";

const text = words(
  { close: "Fermer", label: "Notification", region: "Notifications ({hotkey})" },
  { close: "Close", label: "Notification", region: "Notifications ({hotkey})" },
);

interface Toast {
  id: number;
  message: string;
  tone: "done" | "failed";
  action?: { label: string; run: () => void };
}

/** Long enough to read two sentences and to press a button. */
const DURATION_MS = 8_000;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function replace(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells what came of something, at the edge of the screen, for a few seconds. */
export const toast = {
  done: (message: string, action?: Toast["action"]) =>
    add({ message, tone: "done", ...(action && { action }) }),
  failed: (message: string, action?: Toast["action"]) =>
    add({ message, tone: "failed", ...(action && { action }) }),
};

function add(toast: Omit<Toast, "id">) {
  last += 1;
  replace([...toasts.slice(-2), { ...toast, id: last }]);
}

function remove(id: number) {
  replace(toasts.filter((toast) => toast.id !== id));
}

export function Toaster() {
  const w = useWords(text);
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <Radix.Provider label={w.label} duration={DURATION_MS}>
      {shown.map(({ id, message, tone, action }) => (
        <Radix.Root
          key={id}
          type={tone === "failed" ? "foreground" : "background"}
          // What could not be saved stays until somebody decides about it.
          {...(tone === "failed" && action && { duration: Infinity })}
          onOpenChange={(open) => !open && remove(id)}
          className="flex items-center gap-3 rounded-card border border-line bg-white p-4 shadow-lg"
        >
          {tone === "done" ? (
            <CircleCheck className="size-5 shrink-0 text-good" aria-hidden />
          ) : (
            <CircleAlert className="size-5 shrink-0 text-danger" aria-hidden />
          )}
          <Radix.Description className="min-w-0 flex-1 text-sm break-words">{message}</Radix.Description>
          {action && (
            <Radix.Action
              altText={action.label}
              onClick={action.run}
              className="min-h-9 cursor-pointer rounded-lg px-3 text-sm font-medium underline hover:bg-page"
            >
              {action.label}
            </Radix.Action>
          )}
          <Radix.Close aria-label={w.close} className="cursor-pointer rounded-full p-2 hover:bg-page">
            <X className="size-4" aria-hidden />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport
        label={w.region}
        // Above the field where a message is written, at the foot of a page.
        className="fixed right-0 bottom-0 z-60 in-[:root:has(main_textarea)]:bottom-56 flex w-full max-w-md flex-col gap-3 p-4 print:hidden"
      />
    </Radix.Provider>
  );
}
