import { describe, expect, test } from "vitest";
import { type Answer, answerWords, checkAnswer, fromData, showValue, toData, toLocal } from "./answers";
import { type FormField, readDefinition } from "./formFields";

function field(type: string, rules: object = {}): FormField {
  const [read] = readDefinition([{ name: "a", label: "A", type, options: ["Bien", "Mal"], ...rules }]).fields;
  if (!read) throw new Error("not a field");
  return read;
}

const wrong = (of: FormField, answer: Answer, isBad = false) =>
  checkAnswer(of, { answer, isBad }, answerWords.en, "en");

describe("An answer", () => {
  test("is asked for where it is required, and blanks are none", () => {
    for (const type of ["text", "email", "number", "date", "select"]) {
      expect(wrong(field(type, { required: true }), "  ")).toBe("This field is required.");
      expect(wrong(field(type), "")).toBeUndefined();
    }
    expect(wrong(field("multiselect", { required: true }), [])).toBe("This field is required.");
    // "No" is an answer, and none is none.
    expect(wrong(field("boolean", { required: true }), false)).toBeUndefined();
    expect(wrong(field("boolean", { required: true }), "")).toBe("This field is required.");
    expect(wrong(field("boolean"), "")).toBeUndefined();
  });

  test("is checked by its type", () => {
    expect(wrong(field("email"), "awa@example.sn")).toBeUndefined();
    expect(wrong(field("email"), "awa@example")).toMatch(/email/);
    expect(wrong(field("phone"), "+221 77 123 45 67")).toBeUndefined();
    expect(wrong(field("phone"), "12-34")).toMatch(/phone/);
    // Pasted numbers have other spaces, and invisible characters around them.
    for (const pasted of [
      "\u202a+221\u00a077\u00a0123\u00a045\u00a067\u202c",
      "(33) 800-00-00",
      "33.800.00.00",
      "33\u2011800\u201100\u201100",
    ]) {
      expect(wrong(field("phone"), pasted)).toBeUndefined();
    }
    expect(wrong(field("url"), "https://example.sn/a")).toBeUndefined();
    expect(wrong(field("url"), "example.sn")).toMatch(/https/);
    expect(wrong(field("integer"), "1.5")).toBe("Enter a whole number.");
    expect(wrong(field("number"), "1.5")).toBeUndefined();
    expect(wrong(field("number"), "25 000,5 F")).toMatch(/^Enter a number/);
    expect(wrong(field("integer", { max: 100 }), "25.000")).toBe("The largest value is 100.");
    expect(wrong(field("date"), "", true)).toBe("Enter a complete date.");
  });

  test("is held within its field's limits", () => {
    expect(wrong(field("text", { min_length: 3 }), "ab")).toBe("Enter at least 3 characters.");
    // Characters are counted, not their halves.
    expect(wrong(field("text", { max_length: 2 }), "🏨🏨")).toBeUndefined();
    expect(wrong(field("text"), "a".repeat(10_001))).toMatch(/10000/);
    expect(wrong(field("integer", { min: 1, max: 5 }), "6")).toBe("The largest value is 5.");
    expect(wrong(field("integer", { min: 1, max: 5 }), "0")).toBe("The smallest value is 1.");
    expect(wrong(field("number"), "1e16")).toMatch(/largest/);
    expect(wrong(field("date", { min: "2026-01-02" }), "2026-01-01")).toBe("Choose 02/01/2026 or later.");
    expect(wrong(field("datetime", { max: "2026-01-02T10:00:00Z" }), "2026-01-04T10:00")).toMatch(/earlier/);
  });

  test("is sent as the API takes it, and comes back into its control", () => {
    const time = "2026-11-22T09:05";
    const sent: [string, Answer, unknown][] = [
      ["text", "Awa", "Awa"],
      ["integer", "12", 12],
      ["number", "1.5", 1.5],
      ["boolean", false, false],
      ["multiselect", ["Bien"], ["Bien"]],
      ["date", "2026-11-22", "2026-11-22"],
      ["datetime", time, new Date(time).toISOString()],
    ];
    for (const [type, answer, data] of sent) {
      expect(toData(field(type), answer, "en")).toEqual(data);
      expect(fromData(field(type), data, "en")).toEqual(answer);
    }
    for (const [type, answer] of [
      ["text", " "],
      ["number", ""],
      ["boolean", ""],
      ["multiselect", []],
    ] as const) {
      expect(toData(field(type), answer, "en")).toBeUndefined();
    }
    for (const typed of ["25 000", "25.000", "25\u202f000"]) {
      expect(toData(field("integer"), typed, "fr")).toBe(25_000);
    }
    // A stored number is never read as another one.
    expect(toData(field("number"), fromData(field("number"), 1.234, "fr") ?? "", "fr")).toBe(1.234);
    expect(toLocal(new Date("2026-11-22T09:05:30").toISOString())).toBe("2026-11-22T09:05:30");
  });

  test("that does not fit its control stays out of it", () => {
    expect(fromData(field("integer"), "many", "en")).toBeUndefined();
    expect(fromData(field("select"), "Ailleurs", "en")).toBeUndefined();
    expect(fromData(field("multiselect"), ["Bien", "Ailleurs"], "en")).toEqual(["Bien"]);
    expect(fromData(field("datetime"), "soon", "en")).toBeUndefined();
  });

  test("is shown as people read it", () => {
    expect(showValue(true, "boolean", "fr")).toBe("Oui");
    expect(showValue("2026-11-22", "date", "fr")).toBe("22/11/2026");
    expect(showValue(["Bien", "Mal"], "multiselect", "fr")).toBe("Bien, Mal");
    expect(showValue(1234.5678, "number", "fr")).toBe("1\u00a0234,5678");
    expect(showValue({ a: 1 }, undefined, "fr")).toBe('{"a":1}');
    expect(showValue(null, "text", "fr")).toBe("");
  });
});
