import { useEffect, useState } from "react";
import { characters } from "../lib/characters";
import { number } from "../lib/format";
import { useLanguage, useWords, words } from "../lib/language";

const plural = (n: number) => (n > 1 ? "s" : "");

const text = words(
  {
    left: (n: number, shown: string) => `${shown} caractère${plural(n)} restant${plural(n)}`,
    over: (n: number, shown: string) => `${shown} caractère${plural(n)} de trop`,
  },
  {
    left: (n: number, shown: string) => `${shown} character${n === 1 ? "" : "s"} left`,
    over: (n: number, shown: string) => `${shown} character${n === 1 ? "" : "s"} too many`,
  },
);

/** The share of the limit from which on the count is shown. */
const SHOWN_FROM = 0.9;

interface Props {
  /** The id of the control whose text is counted. */
  id: string;
  limit: number;
}

/** How many characters may still be typed, once few are left. Typing beyond the limit is possible: nothing is cut. */
export function CharacterCount({ id, limit }: Props) {
  const w = useWords(text);
  const language = useLanguage();
  const [count, setCount] = useState(0);
  // After every render, since a form also sets the text without an event.
  useEffect(() => {
    const control = document.getElementById(id);
    if (!(control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement)) return undefined;
    const measure = () => setCount(characters(control.value));
    measure();
    control.addEventListener("input", measure);
    return () => control.removeEventListener("input", measure);
  });
  const left = limit - count;
  const shown = number(Math.abs(left), language);
  return (
    <p
      id={`${id}-count`}
      role="status"
      className={left < 0 ? "mt-1 text-sm text-danger" : "mt-1 text-sm text-ink-soft empty:hidden"}
    >
      {left < 0 ? w.over(-left, shown) : count >= limit * SHOWN_FROM && w.left(left, shown)}
    </p>
  );
}
