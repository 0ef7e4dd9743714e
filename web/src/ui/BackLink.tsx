import { ArrowLeft } from "lucide-react";
import { Slot } from "radix-ui";
import type { ReactElement } from "react";

/** The arrow beside a title. The child is a link with its name as `aria-label` and nothing in it. */
export function BackLink({ children }: { children: ReactElement }) {
  return (
    <span className="relative inline-flex size-11 shrink-0 items-center justify-center print:hidden">
      <ArrowLeft className="size-6" aria-hidden />
      <Slot.Root className="absolute inset-0 rounded-full hover:bg-black/5">{children}</Slot.Root>
    </span>
  );
}
