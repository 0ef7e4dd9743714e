import { ArrowDown, ArrowUp, ChevronDown, Copy, Trash2 } from "lucide-react";
import { memo } from "react";
import { useWatch } from "react-hook-form";
import { useWords } from "../../lib/language";
import { Badge } from "../../ui/Badge";
import { Button, IconButton } from "../../ui/Button";
import { builderWords } from "./builderWords";
import { type Builder, FieldEditor, useRowErrors } from "./FieldEditor";

/** What can be done with a row; they must not change between renders. */
export interface RowActions {
  toggle: (id: string) => void;
  move: (index: number, by: 1 | -1) => void;
  duplicate: (index: number) => void;
  remove: (index: number) => void;
}

interface Props {
  form: Builder;
  id: string;
  index: number;
  isOpen: boolean;
  isLast: boolean;
  actions: RowActions;
}

/** The elements of a row that the focus is sent to. */
export const rowElement = (id: string, part: "head" | "up" | "down") => `field-${id}-${part}`;

/** A field in the builder: its name, and everything else where it is open. */
export const FieldRow = memo(function FieldRow({ form, id, index, isOpen, isLast, actions }: Props) {
  const w = useWords(builderWords);
  const { control } = form;
  // Only the open row changes as one types. The others are drawn again where they move.
  useWatch({ control, name: `fields.${index}`, disabled: !isOpen });
  const { label, type, required } = form.getValues(`fields.${index}`);
  const isWrong = useRowErrors(control, index) !== undefined;
  const shown = label.trim() || w.unnamed;
  const panel = `field-${id}-panel`;
  return (
    <li className={`rounded-lg border ${isWrong ? "border-danger" : "border-line"}`}>
      <div className="flex items-center">
        <h3 className="min-w-0 flex-1">
          <button
            type="button"
            id={rowElement(id, "head")}
            aria-expanded={isOpen}
            aria-controls={isOpen ? panel : undefined}
            onClick={() => actions.toggle(id)}
            className="flex min-h-12 w-full cursor-pointer items-center gap-2 rounded-lg px-3 py-1.5 text-left hover:bg-page"
          >
            <ChevronDown
              className={`size-5 shrink-0 text-ink-soft ${isOpen ? "" : "-rotate-90"}`}
              aria-hidden
            />
            <span className="min-w-0">
              <span className="block font-medium break-words">
                {index + 1}. {shown}
              </span>
              <span className="text-sm text-ink-soft">
                {w.types[type]}
                {required && `, ${w.required}`}
              </span>
            </span>
            {isWrong && (
              <span className="ml-auto">
                <Badge tone="bad">{w.toCorrect}</Badge>
              </span>
            )}
          </button>
        </h3>
        <IconButton
          id={rowElement(id, "up")}
          label={w.up(shown)}
          disabled={index === 0}
          onClick={() => actions.move(index, -1)}
        >
          <ArrowUp className="size-5" aria-hidden />
        </IconButton>
        <IconButton
          id={rowElement(id, "down")}
          label={w.down(shown)}
          disabled={isLast}
          onClick={() => actions.move(index, 1)}
        >
          <ArrowDown className="size-5" aria-hidden />
        </IconButton>
      </div>
      {isOpen && (
        <div id={panel} className="space-y-4 border-t border-line p-4">
          <FieldEditor form={form} index={index} />
          <div className="flex flex-wrap gap-2">
            <Button
              look="secondary"
              small
              icon={<Copy className="size-4" aria-hidden />}
              onClick={() => actions.duplicate(index)}
            >
              {w.duplicate}
            </Button>
            <Button
              look="quiet"
              small
              icon={<Trash2 className="size-4" aria-hidden />}
              onClick={() => actions.remove(index)}
            >
              {w.removeField}
            </Button>
          </div>
        </div>
      )}
    </li>
  );
});
