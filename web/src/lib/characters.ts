import * as z from "zod/mini";

/** The longest text of several lines that the API takes. Shorter limits stand at their fields. */
export const LONGEST_TEXT = 10_000;

/** The length of a text as the API counts it: in characters (code points), without the white space around it. */
export function characters(text: string): number {
  return [...text.trim()].length;
}

/** The rule that a text has at most `limit` characters. */
export function atMost(limit: number, message: string) {
  return z.refine<string>((text) => characters(text) <= limit, message);
}
