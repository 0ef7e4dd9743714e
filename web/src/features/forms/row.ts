import { numberOf, toLocal } from "../../lib/answers";
import { type FieldType, type FormField, RULES } from "../../lib/formFields";
import type { Language } from "../../lib/language";
import { readNumber, typedNumber } from "../../lib/numbers";

/** A field in the builder: everything as it is typed, with the rules of every type, so that changing it loses nothing. */
export interface Row {
  label: string;
  name: string;
  /** Whether somebody chose the name; it follows the label until then. */
  isNamed: boolean;
  type: FieldType;
  required: boolean;
  help: string;
  options: string;
  min: string;
  max: string;
  min_length: string;
  max_length: string;
  pattern: string;
}

export const MAX_FIELDS = 100;
const MAX_NAME = 50;

export const EMPTY_ROW: Row = {
  label: "",
  name: "",
  isNamed: false,
  type: "text",
  required: false,
  help: "",
  options: "",
  min: "",
  max: "",
  min_length: "",
  max_length: "",
  pattern: "",
};

export function toRow(field: FormField, language: Language): Row {
  const bound = (value: FormField["min"]) => {
    if (field.type === "datetime" && typeof value === "string") return toLocal(value) ?? "";
    return typeof value === "number" ? typedNumber(value, language) : (value ?? "");
  };
  return {
    label: field.label,
    name: field.name,
    isNamed: true,
    type: field.type,
    required: field.required,
    help: field.help,
    options: field.options.join("\n"),
    min: bound(field.min),
    max: bound(field.max),
    min_length: String(field.min_length ?? ""),
    max_length: String(field.max_length ?? ""),
    pattern: field.pattern,
  };
}

/** What is shown of a row while it is being written. */
export function toField(row: Row, unnamed: string, language: Language): FormField {
  return {
    name: row.name,
    label: row.label.trim() || unnamed,
    type: row.type,
    required: row.required,
    help: row.help,
    options: [...new Set(optionsOf(row))],
    min: boundOf(row.type, row.min, language),
    max: boundOf(row.type, row.max, language),
    min_length: lengthOf(row.min_length, language),
    max_length: lengthOf(row.max_length, language),
    pattern: row.pattern,
  };
}

/** A row as the API takes it, with the rules of its type alone. */
export function toDefinition(row: Row, language: Language) {
  const { name, type } = row;
  const common = {
    name: name.trim(),
    label: row.label.trim(),
    type,
    ...(row.required && { required: true }),
    ...(row.help.trim() && { help: row.help.trim() }),
  };
  const { min, max, min_length, max_length } = toField(row, "", language);
  switch (RULES[type]) {
    case "options":
      return { ...common, options: optionsOf(row) };
    case "range":
      return { ...common, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
    case "length":
      return {
        ...common,
        ...(min_length !== undefined && { min_length }),
        ...(max_length !== undefined && { max_length }),
        ...(row.pattern && { pattern: row.pattern }),
      };
    default:
      return common;
  }
}

export function optionsOf({ options }: Row): string[] {
  return options
    .split("\n")
    .map((option) => option.trim())
    .filter(Boolean);
}

function boundOf(type: FieldType, text: string, language: Language): number | string | undefined {
  if (!text.trim() || RULES[type] !== "range") return undefined;
  if (type === "date") return text;
  if (type === "datetime") return Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString();
  return numberOf({ type }, text, language);
}

export function lengthOf(text: string, language: Language): number | undefined {
  return readNumber(text, language, 0);
}

/** What bounds of a type are written in: they mean nothing to another one. */
export function boundKind(type: FieldType): string {
  if (RULES[type] !== "range") return "none";
  return type === "integer" ? "number" : type;
}

/** A name that no other field has, made from a label. */
export function nameFor(label: string, taken: ReadonlySet<string>): string {
  const plain = label
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  if (!plain) return "";
  const whole = /^[a-z]/.test(plain) ? plain : `champ_${plain}`;
  for (let count = 1; ; count += 1) {
    const end = count > 1 ? `_${count}` : "";
    const name = whole.slice(0, MAX_NAME - end.length) + end;
    if (!taken.has(name)) return name;
  }
}
