import { FilterX, SlidersHorizontal } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useWords, words } from "../lib/language";
import { Button } from "./Button";

const text = words(
  { label: "Filtres", clear: "Effacer les filtres" },
  { label: "Filters", clear: "Clear the filters" },
);

interface Props {
  active: boolean;
  onClear: () => void;
  /** What is there on a phone, too, where the filters are behind a button: how to look at the rows. */
  aside?: ReactNode;
  children: ReactNode;
}

/** Controls in a row that narrow a list, and the button that takes them all back. */
export function Filters({ active, onClear, aside, children }: Props) {
  const w = useWords(text);
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <section aria-label={w.label} className="mb-4 flex flex-wrap items-end gap-3 print:hidden">
      <Button
        look="secondary"
        aria-expanded={open}
        aria-controls={id}
        icon={<SlidersHorizontal className="size-5" aria-hidden />}
        onClick={() => setOpen(!open)}
        className="sm:hidden"
      >
        {w.label}
      </Button>
      <div
        id={id}
        className={`${open ? "order-last grid" : "hidden"} w-full grid-cols-2 items-end gap-3 sm:contents [&>div]:self-start [&>div]:sm:w-44`}
      >
        {children}
      </div>
      {active && (
        <Button look="quiet" icon={<FilterX className="size-4" aria-hidden />} onClick={onClear}>
          {w.clear}
        </Button>
      )}
      {aside && <div className="ml-auto">{aside}</div>}
    </section>
  );
}
