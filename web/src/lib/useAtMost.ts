import { useCallback } from "react";
import { atMost } from "./characters";
import { number } from "./format";
import { useLanguage, useWords, words } from "./language";

const text = words(
  { tooLong: (limit: string) => `Ce texte est trop long : au plus ${limit} caractères.` },
  { tooLong: (limit: string) => `This text is too long: at most ${limit} characters.` },
);

/** {@link atMost} with its message in the reader's language. */
export function useAtMost() {
  const w = useWords(text);
  const language = useLanguage();
  return useCallback((limit: number) => atMost(limit, w.tooLong(number(limit, language))), [w, language]);
}
