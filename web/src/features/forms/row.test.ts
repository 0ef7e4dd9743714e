import { expect, test } from "vitest";
import { readDefinition } from "../../lib/formFields";
import { EMPTY_ROW, nameFor, toDefinition, toRow } from "./row";

test("A name is made from a label, and no other field has it", () => {
  const none = new Set<string>();
  expect(nameFor("Numéro de chambre", none)).toBe("numero_de_chambre");
  expect(nameFor("  Cœur — été ! ", none)).toBe("coeur_ete");
  expect(nameFor("2e choix", none)).toBe("champ_2e_choix");
  expect(nameFor("???", none)).toBe("");
  expect(nameFor("Nom", new Set(["nom", "nom_2"]))).toBe("nom_3");
  const long = nameFor("a".repeat(80), new Set(["a".repeat(50)]));
  expect(long).toBe(`${"a".repeat(48)}_2`);
});

test("A field is sent with the rules of its type alone", () => {
  const row = {
    ...EMPTY_ROW,
    label: " Note ",
    name: "note",
    min: "1",
    max: "25.000",
    options: "a\nb",
    pattern: "x",
  };
  const common = { name: "note", label: "Note" };
  expect(toDefinition({ ...row, type: "integer" }, "fr")).toEqual({
    ...common,
    type: "integer",
    min: 1,
    max: 25_000,
  });
  expect(toDefinition({ ...row, type: "select" }, "fr")).toEqual({
    ...common,
    type: "select",
    options: ["a", "b"],
  });
  expect(toDefinition({ ...row, type: "text" }, "fr")).toEqual({ ...common, type: "text", pattern: "x" });
  expect(toDefinition({ ...row, type: "boolean", required: true }, "fr")).toEqual({
    ...common,
    type: "boolean",
    required: true,
  });
});

test("A field that is read and sent again is the same", () => {
  const stored = [
    { name: "a", label: "A", type: "number", min: -1.234, required: true, help: "Une aide." },
    { name: "b", label: "B", type: "text", min_length: 0, max_length: 20, pattern: "[a-z]+" },
    { name: "c", label: "C", type: "multiselect", options: ["Un", "Deux"] },
    { name: "d", label: "D", type: "date", min: "2026-01-01", max: "2026-12-31" },
    { name: "e", label: "E", type: "datetime", min: "2026-01-01T10:00:00.000Z" },
  ];
  expect(readDefinition(stored).fields.map((field) => toDefinition(toRow(field, "fr"), "fr"))).toEqual(
    stored,
  );
});
