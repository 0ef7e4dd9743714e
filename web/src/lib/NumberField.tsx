import { type ComponentProps, useState } from "react";
import { TextField } from "../ui/Field";
import { exactNumber } from "./answers";
import { useLanguage, useWords, words } from "./language";
import { isWorthRepeating, readNumber } from "./numbers";

const text = words(
  { understood: (value: string) => `Compris\u00a0: ${value}` },
  { understood: (value: string) => `Understood: ${value}` },
);

interface Props extends ComponentProps<typeof TextField> {
  /** How many decimals it takes, if that is limited. */
  decimals?: number;
  /** How its value is shown. */
  format?: (value: number) => string;
}

/** A number as people write it. Where a sign could have been meant otherwise, it says what it understands. */
export function NumberField({ decimals, format, help, ...props }: Props) {
  const w = useWords(text);
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const value = isWorthRepeating(typed) ? readNumber(typed, language, decimals) : undefined;
  const understood =
    value !== undefined && w.understood(format ? format(value) : exactNumber(value, language));
  return (
    <TextField
      inputMode={decimals === 0 ? "numeric" : "decimal"}
      autoComplete="off"
      {...props}
      help={help || understood ? [help, understood].filter(Boolean).join(" ") : undefined}
      onInput={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
