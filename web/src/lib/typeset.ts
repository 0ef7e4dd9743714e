/** French with the spaces that do not break: before high punctuation, and inside quotation marks. */
export function typeset(text: string): string {
  return text.replaceAll(/ (?=[:;?!»](?:\s|$|[.,)]))/g, "\u00a0").replaceAll("« ", "«\u00a0");
}

/** The same for all words of a screen, those that are made with a name or a figure too. */
export function typesetAll<T>(words: T): T {
  if (typeof words === "string") return typeset(words) as T;
  if (typeof words === "function") {
    return ((...given: unknown[]) => typesetAll((words as (...given: unknown[]) => unknown)(...given))) as T;
  }
  if (typeof words !== "object" || words === null || Array.isArray(words)) return words;
  return Object.fromEntries(Object.entries(words).map(([name, each]) => [name, typesetAll(each)])) as T;
}
