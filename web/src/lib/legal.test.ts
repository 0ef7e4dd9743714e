import { describe, expect, test } from "vitest";
import { findLegal, readBlocks } from "./legal";

const load = (text: string) => () => Promise.resolve(text);

describe("The text that an operator sets", () => {
  test("is none unless there is a file", () => {
    expect(findLegal("terms", "fr", {})).toBeUndefined();
    expect(findLegal("terms", "fr", { "../../legal/privacy.fr.md": load("x") })).toBeUndefined();
  });

  test("is in the reader's language, or else in the other one", async () => {
    const both = { "/legal/terms.fr.md": load("Bonjour"), "/legal/terms.en.md": load("Hello") };
    expect(await findLegal("terms", "en", both)?.load()).toBe("Hello");
    const one = { "/legal/terms.fr.md": load("Bonjour") };
    expect(findLegal("terms", "en", one)?.language).toBe("fr");
  });

  test("has headings, paragraphs and lists", () => {
    const text = "# Conditions\nUn texte\nsur deux lignes.\n\n## Données\n\n- nom\n- e-mail\n";
    expect(readBlocks(text)).toEqual([
      { kind: "title", lines: ["Conditions"] },
      { kind: "paragraph", lines: ["Un texte sur deux lignes."] },
      { kind: "section", lines: ["Données"] },
      { kind: "list", lines: ["nom", "e-mail"] },
    ]);
  });
});
