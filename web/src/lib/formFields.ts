import * as z from "zod/mini";

export const FIELD_TYPES = [
  "text",
  "textarea",
  "email",
  "phone",
  "number",
  "integer",
  "boolean",
  "date",
  "datetime",
  "url",
  "select",
  "multiselect",
] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

/** Which rules a type has; others are not read. */
export const RULES: Record<FieldType, "length" | "range" | "options" | "none"> = {
  text: "length",
  textarea: "length",
  email: "length",
  phone: "length",
  url: "length",
  number: "range",
  integer: "range",
  date: "range",
  datetime: "range",
  select: "options",
  multiselect: "options",
  boolean: "none",
};

/** A field of a form, as far as it can be read. */
export interface FormField {
  name: string;
  label: string;
  type: FieldType;
  required: boolean;
  help: string;
  options: readonly string[];
  /** A number, or an ISO 8601 date or time. */
  min: number | string | undefined;
  max: number | string | undefined;
  min_length?: number | undefined;
  max_length?: number | undefined;
  pattern: string;
}

export interface Definition {
  fields: readonly FormField[];
  /** What is there and cannot be read. */
  unreadable: readonly unknown[];
}

// A rule that cannot be read is none: the API says what it thinks of an answer.
const blank = z.catch(z.string(), "");
const bound = z.catch(z.optional(z.union([z.number(), z.string()])), undefined);
const digits = z.pipe(z.string().check(z.trim(), z.regex(/^\d+$/)), z.transform(Number));
const length = z.catch(z.optional(z.union([z.number().check(z.int(), z.nonnegative()), digits])), undefined);
const option = z.union([z.string(), z.pipe(z.number(), z.transform(String))]);

const stored = z.object({
  name: z.string().check(z.trim(), z.minLength(1)),
  type: z.enum(FIELD_TYPES),
  label: blank,
  required: z.catch(z.boolean(), false),
  help: blank,
  options: z.catch(z.array(option), []),
  min: bound,
  max: bound,
  min_length: length,
  max_length: length,
  pattern: blank,
});

/** Reads a form's `fields`, which may be anything in a database that was there before: what can be read, and the rest. */
export function readDefinition(value: unknown): Definition {
  if (!Array.isArray(value)) return { fields: [], unreadable: [value] };
  const fields: FormField[] = [];
  const unreadable: unknown[] = [];
  for (const item of value as unknown[]) {
    const field = readField(item);
    if (field) fields.push(field);
    else unreadable.push(item);
  }
  return { fields, unreadable };
}

function readField(item: unknown): FormField | undefined {
  const { data } = stored.safeParse(item);
  if (!data) return undefined;
  const options = [...new Set(data.options.map((each) => each.trim()).filter(Boolean))];
  if (RULES[data.type] === "options" && options.length === 0) return undefined;
  return {
    ...data,
    label: data.label.trim() || data.name,
    options,
    min: readBound(data.type, data.min),
    max: readBound(data.type, data.max),
  };
}

function readBound(type: FieldType, value: number | string | undefined): number | string | undefined {
  if (value === undefined || value === "" || RULES[type] !== "range") return undefined;
  if (type === "number" || type === "integer")
    return Number.isFinite(Number(value)) ? Number(value) : undefined;
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

/** A field's name for people, where its label is not known any more: "numero_de_chambre" as "Numero de chambre". */
export function readableName(name: string): string {
  const text = name.replaceAll("_", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Labels that tell the fields apart: where two are equal, with the name, as the export has it. */
export function distinctLabels(fields: readonly FormField[]): string[] {
  const seen = new Map<string, number>();
  for (const { label } of fields) seen.set(label, (seen.get(label) ?? 0) + 1);
  return fields.map(({ label, name }) => ((seen.get(label) ?? 0) > 1 ? `${label} (${name})` : label));
}
