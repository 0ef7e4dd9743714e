import { expect, test } from "vitest";
import { knownSpelling } from "./spelling";

const KNOWN = ["DAKAR", "Dakar", "Saint-Louis", "Thiès"];

test.each([
  ["dakar", "Dakar"],
  ["DAKAR", "DAKAR"],
  [" Dàkar ", "Dakar"],
  ["THIES", "Thiès"],
  ["saint louis", "Saint-Louis"],
  ["Saly  Portudal", "Saly Portudal"],
  ["", ""],
])("%j is spelt %j", (typed, spelt) => expect(knownSpelling(typed, KNOWN)).toBe(spelt));
