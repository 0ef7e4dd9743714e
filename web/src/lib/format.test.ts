import { describe, expect, test } from "vitest";
import { ago, date, dateTime, fullName, initials, money, number } from "./format";

describe("An amount", () => {
  test("of francs has no minor unit and a space between thousands", () => {
    expect(money("45000.00", "XOF", "fr")).toBe("45\u00a0000\u00a0F\u00a0XOF");
  });

  test("of euros has two places", () => {
    expect(money("120.50", "EUR", "fr")).toBe("120,50\u00a0€");
    expect(money("120.50", "EUR", "en")).toBe("€120.50");
  });

  test("that is none is shown as it is", () => {
    expect(money("beaucoup", "XOF", "fr")).toBe("beaucoup XOF");
  });
});

test("A number has the language's separators", () => {
  expect(number(12_480.5, "fr")).toBe("12\u00a0480,5");
  expect(number(12_480.5, "en")).toBe("12,480.5");
});

describe("A time", () => {
  test("is a day, and a day with its hour", () => {
    const time = new Date(2026, 10, 22, 9, 5);
    expect(date(time, "fr")).toBe("22/11/2026");
    expect(dateTime(time, "fr")).toBe("22/11/2026 à 09:05");
    expect(dateTime(time, "en")).toBe("22/11/2026 at 09:05");
  });

  test("of the last week is told from now", () => {
    const now = Date.parse("2026-11-22T12:00:00Z");
    expect(ago("2026-11-22T11:57:00Z", "fr", now)).toBe("il y a 3 minutes");
    expect(ago("2026-11-22T09:00:00Z", "fr", now)).toBe("il y a 3 heures");
    expect(ago("2026-11-21T12:00:00Z", "fr", now)).toBe("hier");
    expect(ago("2026-11-22T11:59:59Z", "en", now)).toBe("now");
    expect(ago("2026-10-01T12:00:00Z", "fr", now)).toMatch(/^01\/10\/2026 à /);
  });
});

test("Somebody without a name is called by their e-mail", () => {
  expect(fullName({ email: "awa@example.sn", first_name: "Awa", last_name: "" })).toBe("Awa");
  expect(fullName({ email: "awa@example.sn", first_name: "", last_name: "" })).toBe("awa@example.sn");
  expect(initials({ email: "awa@example.sn", first_name: "Élodie", last_name: "Diop" })).toBe("ÉD");
  expect(initials({ email: "awa@example.sn", first_name: "", last_name: "" })).toBe("A");
});
