import { describe, expect, test } from "vitest";
import { distinctLabels, readDefinition } from "./formFields";

const names = (value: unknown) => readDefinition(value).fields.map(({ name }) => name);

describe("A form's fields", () => {
  test("are read with the rules of their type alone", () => {
    const { fields } = readDefinition([
      { name: "note", label: "Note", type: "integer", required: true, min: 1, max: "5", min_length: null },
      { name: "avis", label: " Avis ", type: "select", options: ["Bien", 2, "Bien", " "], min: 3 },
    ]);
    expect(fields).toMatchObject([
      { name: "note", required: true, min: 1, max: 5, help: "", options: [], pattern: "" },
      { name: "avis", label: "Avis", required: false, options: ["Bien", "2"] },
    ]);
    expect(fields[0]?.min_length).toBeUndefined();
    expect(fields[1]?.min).toBeUndefined();
  });

  test("may be anything, and what cannot be read is told apart", () => {
    for (const value of [null, "text", 3, {}, { name: "a", type: "text" }]) {
      expect(readDefinition(value)).toEqual({ fields: [], unreadable: [value] });
    }
    const odd = [null, 1, [], {}, { name: "a" }, { name: "", type: "text" }, { name: "a", type: "colour" }];
    const empty = [
      { name: "a", type: "select" },
      { name: "a", type: "multiselect", options: [] },
    ];
    expect(readDefinition([...odd, ...empty]).unreadable).toHaveLength(odd.length + empty.length);
    expect(names([...odd, { name: "b.c", type: "text", help: 3, required: "yes" }])).toEqual(["b.c"]);
    expect(readDefinition([{ name: "b", type: "date", min: "soon", max_length: null }]).fields).toMatchObject(
      [{ label: "b", min: undefined, max_length: undefined }],
    );
  });

  test("are told apart where their labels are equal", () => {
    const { fields } = readDefinition([
      { name: "a", label: "Nom", type: "text" },
      { name: "b", label: "Nom", type: "text" },
      { name: "c", label: "Ville", type: "text" },
    ]);
    expect(distinctLabels(fields)).toEqual(["Nom (a)", "Nom (b)", "Ville"]);
  });
});
