import type { Language } from "./language";

/** The texts that an operator may set, by what they are. */
export type LegalText = "terms" | "privacy";

/** Loads a text, as Vite makes it of a file. */
type Load = () => Promise<string>;

const files = import.meta.glob<string>("../../legal/{terms,privacy}.{fr,en}.md", {
  query: "?raw",
  import: "default",
});

export interface Legal {
  /** The language that the text is in, which is the other one where it is set in that alone. */
  language: Language;
  load: Load;
}

/** The text that is set, in the reader's language where there is one. */
export function findLegal(text: LegalText, language: Language, from: Record<string, Load> = files) {
  const other: Language = language === "fr" ? "en" : "fr";
  for (const each of [language, other]) {
    const load = Object.entries(from).find(([path]) => path.endsWith(`/${text}.${each}.md`))?.[1];
    if (load) return { language: each, load } satisfies Legal;
  }
  return undefined;
}

export interface Block {
  kind: "title" | "section" | "paragraph" | "list";
  lines: string[];
}

/** Reads the little of Markdown that such texts need: headings, lists and paragraphs. */
export function readBlocks(markdown: string): Block[] {
  return markdown
    .split(/\n\s*\n|\n(?=#)|(?<=^#.*)\n/m)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part): Block => {
      const heading = /^(#+)\s+(.*)$/.exec(part);
      if (heading) return { kind: heading[1] === "#" ? "title" : "section", lines: [heading[2] ?? ""] };
      const lines = part.split("\n").map((line) => line.trim());
      if (lines.every((line) => /^[-*] /.test(line))) {
        return { kind: "list", lines: lines.map((line) => line.slice(2)) };
      }
      return { kind: "paragraph", lines: [lines.join(" ")] };
    });
}
