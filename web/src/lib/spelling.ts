/** The same for texts that differ in case, accents and spaces or hyphens alone. */
function folded(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[\s'’-]+/g, " ")
    .trim();
}

/** Where a name is there in several spellings, one in capitals or without any is the least likely. */
function isProper(name: string): boolean {
  return name !== name.toUpperCase() && name !== name.toLowerCase();
}

/** A name as it is spelt already: Dakar for "DAKAR", Thiès for "thies". One that is not known stays as it is typed. */
export function knownSpelling(typed: string, known: readonly string[]): string {
  const name = typed.trim().replaceAll(/\s+/g, " ");
  if (known.includes(name)) return name;
  const same = known.filter((each) => folded(each) === folded(name));
  return same.find(isProper) ?? same[0] ?? name;
}
