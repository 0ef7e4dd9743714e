import { useEffect } from "react";

/** Runs what belongs to a key that is pressed alone, unless somebody types or a dialog or menu has the keyboard. */
export function useShortcuts(keys: Record<string, () => void>) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key } = event;
      const run = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]"))
        return;
      if (document.querySelector("[role=dialog], [role=alertdialog], [role=menu]")) return;
      event.preventDefault();
      run();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [keys]);
}
