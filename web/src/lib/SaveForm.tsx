import type { ComponentProps, ReactNode } from "react";
import { Button } from "../ui/Button";
import { useWords, words } from "./language";
import { SaveBar } from "./SaveBar";
import { UnsavedGuard } from "./UnsavedGuard";
import type { Saving } from "./useSaving";

const text = words(
  {
    restored: "Votre brouillon a été restauré.",
    discard: "Effacer le brouillon",
  },
  {
    restored: "Your draft was restored.",
    discard: "Discard the draft",
  },
);

interface Props extends Omit<ComponentProps<"form">, "action" | "onSubmit"> {
  saving: Saving;
  /** The words on the button that saves. */
  action: string;
  icon?: ReactNode;
  disabled?: boolean;
  /** Starts again from the row as it is now, where there is one. */
  onReload?: () => void;
}

/** A form with its draft, its button, and beside the button why it could not be saved. */
export function SaveForm({ saving, action, icon, disabled, onReload, children, ...rest }: Props) {
  return (
    <form noValidate {...rest} onSubmit={saving.submit}>
      <UnsavedGuard when={saving.unsaved} onGiveUp={saving.discard} />
      {saving.isRestored && <Restored onDiscard={saving.startAgain} />}
      {children}
      <SaveBar
        saving={saving}
        action={action}
        icon={icon}
        disabled={disabled}
        onReload={onReload && saving.discarding(onReload)}
      />
    </form>
  );
}

/** That a draft was restored. It stays until the page is left: what it says remains true. */
export function Restored({ onDiscard }: { onDiscard: () => void }) {
  const w = useWords(text);
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-between gap-x-4 rounded-lg bg-info-pale px-4 py-1 text-info-deep"
    >
      <p>{w.restored}</p>
      <Button look="quiet" small onClick={onDiscard}>
        {w.discard}
      </Button>
    </div>
  );
}
