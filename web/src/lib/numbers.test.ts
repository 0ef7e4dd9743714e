import { describe, expect, it } from "vitest";
import { readNumber, typedNumber } from "./numbers";

describe("readNumber", () => {
  it.each([
    ["25000", 25_000],
    ["25 000", 25_000],
    ["25\u00a0000", 25_000],
    ["25\u202f000,50", 25_000.5],
    ["1'234'567", 1_234_567],
    ["1.234.567", 1_234_567],
    ["1.234,56", 1234.56],
    ["1,234.56", 1234.56],
    ["25,5", 25.5],
    ["25.5", 25.5],
    ["0.125", 0.125],
    [",5", 0.5],
    ["007", 7],
    ["-12", -12],
    ["\u2212 1 200", -1200],
    ["1e-7", 1e-7],
  ])("reads %s", (text, value) => expect(readNumber(text, "fr")).toBe(value));

  it.each(["", "abc", "12 abc", "25 00", "1.23.4", "1.234.5", "1 2 3", "--1", ".", "12,", "1,234,56.7"])(
    "does not read %j",
    (text) => expect(readNumber(text, "fr")).toBeUndefined(),
  );

  it("takes a sign before three digits for thousands where decimals are fewer", () => {
    for (const language of ["fr", "en"] as const) {
      for (const text of ["25.000", "25,000"]) {
        expect(readNumber(text, language, 0)).toBe(25_000);
        expect(readNumber(text, language, 2)).toBe(25_000);
      }
    }
    expect(readNumber("25.50", "fr", 0)).toBe(25.5);
  });

  it("lets the language decide about three digits where any decimals are taken", () => {
    expect(readNumber("1.234", "fr")).toBe(1234);
    expect(readNumber("1,234", "fr")).toBe(1.234);
    expect(readNumber("1.234", "en")).toBe(1.234);
    expect(readNumber("1,234", "en")).toBe(1234);
  });
});

describe("typedNumber", () => {
  it.each([0, 25_000, 1.234, 0.1, -3.125, 1e-7, 999_999_999_999_999])("is read as the same: %s", (value) => {
    for (const language of ["fr", "en"] as const) {
      expect(readNumber(typedNumber(value, language), language)).toBe(value);
    }
  });
});
