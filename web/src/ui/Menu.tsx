import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

/** Actions behind a button, which is `trigger`. */
export function Menu({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-48 rounded-lg border border-line bg-white p-1 shadow-lg"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const ITEM =
  "flex min-h-11 cursor-pointer items-center gap-3 rounded px-3 outline-none data-disabled:opacity-50 data-highlighted:bg-page";

interface ItemProps {
  onSelect?: () => void;
  disabled?: boolean;
  danger?: boolean;
  /** The child is the item: a link. */
  asChild?: boolean;
  children: ReactNode;
}

export function MenuItem({ danger, ...rest }: ItemProps) {
  return <DropdownMenu.Item {...rest} className={`${ITEM} ${danger ? "text-danger" : ""}`} />;
}

interface ChoicesProps {
  value: string;
  /** What each one is called, by its value. */
  choices: Readonly<Record<string, string>>;
  onChoose: (value: string) => void;
}

/** One of a few, the present one marked. The arrows move between them; Enter chooses. */
export function MenuChoices({ value, choices, onChoose }: ChoicesProps) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChoose}>
      {Object.entries(choices).map(([each, label]) => (
        <DropdownMenu.RadioItem key={each} value={each} className={`${ITEM} justify-between`}>
          {label}
          <DropdownMenu.ItemIndicator>
            <Check className="size-5" aria-hidden />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
