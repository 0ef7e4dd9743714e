import { useEffect, useMemo, useRef, useState } from "react";
import { useFieldArray } from "react-hook-form";
import { useWords } from "../../lib/language";
import { toast } from "../../ui/Toast";
import { builderWords } from "./builderWords";
import type { Builder } from "./FieldEditor";
import { type RowActions, rowElement } from "./FieldRow";
import { EMPTY_ROW, nameFor, type Row } from "./row";

/** Where the focus goes once the rows are drawn: the place of a row, and what of it. */
interface Target {
  index: number;
  part: Outside | keyof Row;
}

/** What is there of a row that is not open. */
type Outside = "head" | "up" | "down";

function isOutside(part: Target["part"]): part is Outside {
  return part === "head" || part === "up" || part === "down";
}

/** The rows of a builder: which one is open, what can be done with them, and what is said about it. */
export function useRows(form: Builder) {
  const w = useWords(builderWords);
  const { control, getValues, setFocus } = form;
  const { fields, append, insert, move, remove } = useFieldArray({ control, name: "fields" });
  const [openId, setOpenId] = useState<string>();
  const [target, setTarget] = useState<Target>();
  /** The target and its row, once that is there. */
  const [goal, setGoal] = useState<{ target: Target; id: string }>();
  const [said, setSaid] = useState("");
  // The actions outlive a render, so that a row is drawn again only where it changes itself.
  const ids = useRef<string[]>([]);

  useEffect(() => {
    ids.current = fields.map(({ id }) => id);
  }, [fields]);

  const id = target && fields[target.index]?.id;
  if (target && id && goal?.target !== target) {
    setGoal({ target, id });
    if (!isOutside(target.part)) setOpenId(id);
  }

  useEffect(() => {
    if (!goal) return;
    const { index, part } = goal.target;
    if (isOutside(part)) focusOn(goal.id, part);
    else {
      document.getElementById(rowElement(goal.id, "head"))?.scrollIntoView({ block: "center" });
      // A setting that is folded away cannot take the focus.
      const control = document.querySelector(`[name="fields.${index}.${part}"]`);
      control?.closest("details")?.setAttribute("open", "");
      setFocus(`fields.${index}.${part}`);
    }
  }, [goal, setFocus]);

  const actions = useMemo<RowActions>(() => {
    const label = (index: number) => getValues(`fields.${index}.label`).trim() || w.unnamed;
    return {
      toggle: (id) => setOpenId((open) => (open === id ? undefined : id)),
      move: (index, by) => {
        move(index, index + by);
        setSaid(w.moved(label(index + by), index + by + 1, ids.current.length));
        setTarget({ index: index + by, part: by < 0 ? "up" : "down" });
      },
      duplicate: (index) => {
        const row = getValues(`fields.${index}`);
        const taken = new Set(getValues("fields").map(({ name }) => name));
        insert(
          index + 1,
          { ...row, name: nameFor(row.label, taken), isNamed: false },
          { shouldFocus: false },
        );
        setSaid(w.duplicated(label(index)));
        setTarget({ index: index + 1, part: "label" });
      },
      remove: (index) => {
        const row = getValues(`fields.${index}`);
        const message = w.removed(label(index));
        remove(index);
        setTarget({ index: Math.max(0, Math.min(index, ids.current.length - 2)), part: "head" });
        toast.done(message, {
          label: w.undo,
          run: () => insert(Math.min(index, ids.current.length), row, { shouldFocus: false }),
        });
      },
    };
  }, [w, getValues, insert, move, remove]);

  return {
    rows: fields,
    openId,
    said,
    actions,
    add: () => {
      append(EMPTY_ROW, { shouldFocus: false });
      setSaid(w.added(fields.length + 1));
      setTarget({ index: fields.length, part: "label" });
    },
    /** Opens a row and goes to one of its inputs. */
    show: (index: number, key: keyof Row) => setTarget({ index, part: key }),
  };
}

/** At the first and the last place one of the two is not to be pressed. */
function focusOn(id: string, part: Outside) {
  const wanted = document.getElementById(rowElement(id, part));
  const isOff = wanted instanceof HTMLButtonElement && wanted.disabled;
  const other = document.getElementById(rowElement(id, part === "up" ? "down" : "up"));
  (isOff ? other : wanted)?.focus();
}
