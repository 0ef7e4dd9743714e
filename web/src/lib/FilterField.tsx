import { type ComponentProps, useCallback, useEffect, useRef, useState } from "react";
import { TextField } from "../ui/Field";
import { useLanguage, useWords, words } from "./language";
import { readNumber } from "./numbers";
import { useFollowing } from "./useFollowing";
import type { ListParams } from "./useListParams";

const text = words(
  {
    date: "Saisissez une date complète.",
    number: "Saisissez un nombre, par exemple 25 000.",
    whole: "Saisissez un nombre entier.",
  },
  {
    date: "Enter a complete date.",
    number: "Enter a number, such as 25,000.",
    whole: "Enter a whole number.",
  },
);

/** Long enough that a number can be typed. */
const PAUSE_MS = 400;

interface Props extends Omit<ComponentProps<"input">, "list"> {
  label: string;
  list: ListParams;
  name: string;
}

interface ReadProps extends Props {
  /** What is asked for, as the API takes it; nothing where it cannot be read. It must not change between renders. */
  read: (typed: string) => string | undefined;
  /** What to say where it cannot be read. */
  wrong: string;
}

/** A filter that is typed: it is asked for once the typing pauses. Until the field is left that is one step back. */
function FilterField({ list, name, label, read, wrong, ...rest }: ReadProps) {
  const present = list.get(name);
  const meaning = useCallback((typed: string) => (typed.trim() ? read(typed.trim()) : ""), [read]);
  const [typed, setTyped] = useFollowing(present, meaning);
  const [unread, setUnread] = useState<string>();
  const written = useRef<string>(undefined);
  useEffect(() => {
    const wanted = meaning(typed);
    if (wanted === present) return undefined;
    const pause = setTimeout(() => {
      if (wanted === undefined) return setUnread(typed);
      list.set({ [name]: wanted }, { replace: written.current === present });
      written.current = wanted;
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, present, name, list, meaning]);
  return (
    <TextField
      {...rest}
      label={label}
      value={typed}
      error={typed && typed === unread ? wrong : undefined}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => {
        written.current = undefined;
      }}
    />
  );
}

const readDay = (typed: string) => (/^\d{4}-\d\d-\d\d$/.test(typed) ? typed : undefined);

export function DateFilter(props: Props) {
  const w = useWords(text);
  return <FilterField {...props} type="date" read={readDay} wrong={w.date} />;
}

/** Without `decimals` it takes whole numbers, with a `#` in front where that is how they are shown. */
export function NumberFilter({ decimals = 0, ...props }: Props & { decimals?: number }) {
  const w = useWords(text);
  const language = useLanguage();
  const read = useCallback(
    (typed: string) => {
      const value = readNumber(typed.replace(/^#/, ""), language, decimals);
      return value === undefined || (decimals === 0 && !Number.isInteger(value)) ? undefined : String(value);
    },
    [language, decimals],
  );
  return (
    <FilterField
      {...props}
      inputMode={decimals > 0 ? "decimal" : "numeric"}
      autoComplete="off"
      read={read}
      wrong={decimals > 0 ? w.number : w.whole}
    />
  );
}
