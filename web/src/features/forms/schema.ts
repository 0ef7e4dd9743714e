import * as z from "zod/mini";
import { atMost, characters, LONGEST_TEXT } from "../../lib/characters";
import { numberOf } from "../../lib/answers";
import { RULES } from "../../lib/formFields";
import type { Language } from "../../lib/language";
import type { BuilderWords } from "./builderWords";
import { lengthOf, MAX_FIELDS, optionsOf, type Row } from "./row";

export interface BuilderValues {
  title: string;
  description: string;
  is_active: boolean;
  fields: Row[];
}

type Problems = Partial<Record<keyof Row, string>>;

const MAX_OPTIONS = 500;

/** What the API takes, as far as that can be told here. */
export function builderSchema(w: BuilderWords, language: Language) {
  const rows = z
    .array(z.custom<Row>())
    .check(z.minLength(1, w.noField), z.maxLength(MAX_FIELDS, w.tooMany(MAX_FIELDS)), ({ value, issues }) => {
      const names = new Set<string>();
      for (const [index, row] of value.entries()) {
        const problems = problemsOf(row, w, language);
        if (names.has(row.name.trim())) problems.name ??= w.errors.keyTaken;
        names.add(row.name.trim());
        for (const [key, message] of Object.entries(problems)) {
          issues.push({ code: "custom", path: [index, key], message, input: row });
        }
      }
    });
  return z.object({
    title: z.string().check(z.trim(), z.minLength(1, w.errors.required), atMost(255, w.errors.tooLong(255))),
    description: z.string().check(atMost(LONGEST_TEXT, w.errors.tooLong(LONGEST_TEXT))),
    is_active: z.boolean(),
    fields: rows,
  });
}

function problemsOf(row: Row, w: BuilderWords, language: Language): Problems {
  const problems: Problems = {};
  const label = row.label.trim();
  if (!label) problems.label = w.errors.required;
  if (characters(label) > 255) problems.label = w.errors.tooLong(255);
  if (!/^[a-z][a-z0-9_]{0,49}$/.test(row.name.trim())) problems.name = w.errors.key;
  if (characters(row.help) > 1000) problems.help = w.errors.tooLong(1000);
  const rules = RULES[row.type];
  if (rules === "options") Object.assign(problems, optionProblems(row, w));
  if (rules === "range") Object.assign(problems, rangeProblems(row, w, language));
  if (rules === "length") Object.assign(problems, lengthProblems(row, w, language));
  return problems;
}

function optionProblems(row: Row, w: BuilderWords): Problems {
  const options = optionsOf(row);
  if (options.length === 0) return { options: w.errors.noOption };
  if (options.length > MAX_OPTIONS) return { options: w.errors.tooManyOptions };
  if (options.some((option) => characters(option) > 255)) return { options: w.errors.tooLong(255) };
  return new Set(options).size < options.length ? { options: w.errors.equalOptions } : {};
}

function rangeProblems({ type, min, max }: Row, w: BuilderWords, language: Language): Problems {
  const isTime = type === "date" || type === "datetime";
  const place = (text: string) => (isTime ? Date.parse(text) : (numberOf({ type }, text, language) ?? NaN));
  const problems: Problems = {};
  for (const [key, text] of [
    ["min", min],
    ["max", max],
  ] as const) {
    if (!text) continue;
    if (Number.isNaN(place(text))) problems[key] = isTime ? w.errors.date : w.errors.number;
    else if (type === "integer" && !Number.isInteger(place(text))) problems[key] = w.errors.integer;
  }
  if (min && max && place(max) < place(min)) problems.max ??= w.errors.order;
  return problems;
}

function lengthProblems(row: Row, w: BuilderWords, language: Language): Problems {
  const problems: Problems = {};
  const { pattern } = row;
  const [min, max] = [lengthOf(row.min_length, language), lengthOf(row.max_length, language)];
  if (row.min_length && !isLength(min)) problems.min_length = w.errors.length;
  if (row.max_length && !isLength(max)) problems.max_length = w.errors.length;
  if (min !== undefined && max !== undefined && max < min) problems.max_length ??= w.errors.order;
  if (characters(pattern) > 500) problems.pattern = w.errors.tooLong(500);
  return problems;
}

function isLength(value: number | undefined): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LONGEST_TEXT;
}
