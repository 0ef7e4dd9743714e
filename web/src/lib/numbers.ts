import type { Language } from "./language";

/** Grouped by threes with one sign throughout, or not at all, and a decimal sign that is another one. */
const NUMBER = /^([+-]?)(?:(\d+)|([1-9]\d{0,2}([ .,])\d{3}(?:\4\d{3})*))?(?:([.,])(\d+))?$/;
/** As a program writes a very small number. */
const SCIENTIFIC = /^[+-]?\d+([.,]\d+)?e[+-]?\d+$/i;

const GROUPING: Record<Language, string> = { fr: ".", en: "," };

/**
 * Reads a number as people write it: "25 000", "25.000", "25,5", "1.234,56". One sign before three digits is ambiguous.
 * It groups thousands where the field takes fewer than three decimals: 25.000 F is twenty-five thousand. Elsewhere the
 * reader's language decides. Nothing is returned for what cannot be read.
 */
export function readNumber(text: string, language: Language, decimals = Infinity): number | undefined {
  const plain = text
    .trim()
    .replaceAll(/[\s'’]/g, " ")
    .replace(/^([+\u2212-]) /, "$1")
    .replace("\u2212", "-");
  if (SCIENTIFIC.test(plain)) return Number(plain.replace(",", "."));
  const match = NUMBER.exec(plain);
  if (!match) return undefined;
  const [, sign = "", whole = "", grouped = "", group, separator, fraction = ""] = match;
  if (!whole && !grouped && !fraction) return undefined;
  if (separator && separator === group) return undefined;
  const isAmbiguous = /^[1-9]\d{0,2}$/.test(whole) && fraction.length === 3;
  const isGrouped = isAmbiguous && (decimals < 3 || separator === GROUPING[language]);
  const digits = grouped.replaceAll(/\D/g, "") || whole || "0";
  return Number(sign + (isGrouped ? digits + fraction : `${digits}.${fraction || 0}`));
}

/** Whether a number was written with a sign that could have been meant otherwise, so that it helps to see it again. */
export function isWorthRepeating(text: string): boolean {
  return /[.,]/.test(text);
}

/** A stored number as somebody types it, such that {@link readNumber} reads the same. */
export function typedNumber(value: number, language: Language): string {
  return language === "fr" ? String(value).replace(".", ",") : String(value);
}
