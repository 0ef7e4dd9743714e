import { expect, test } from "vitest";
import { typeset, typesetAll } from "./typeset";

test("French punctuation does not begin a line", () => {
  expect(typeset("Supprimer « Ampoule » ? Oui : tout.")).toBe(
    "Supprimer «\u00a0Ampoule\u00a0»\u00a0? Oui\u00a0: tout.",
  );
  expect(typeset("https://example.sn/?a=b")).toBe("https://example.sn/?a=b");
});

test("Words that are made with a name are typeset as well", () => {
  const { remove, sorts } = typesetAll({
    remove: (name: string) => `Supprimer ${name} ?`,
    sorts: { title: "Titre : A à Z" },
  });
  expect(remove("Awa")).toBe("Supprimer Awa\u00a0?");
  expect(sorts.title).toBe("Titre\u00a0: A à Z");
});
