import { expect, test } from "vitest";
import { paths, safeReturn } from "./paths";

test("Signing in leads back to a page of this application and nowhere else", () => {
  expect(safeReturn("/hotels?page=2")).toBe("/hotels?page=2");
  for (const elsewhere of [
    null,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "hotels",
  ]) {
    expect(safeReturn(elsewhere)).toBe(paths.dashboard);
  }
});
