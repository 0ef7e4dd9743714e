import { ApiError, sentences } from "../../api/error";
import type { Builder } from "./FieldEditor";
import { EMPTY_ROW, type Row } from "./row";

const KEYS = Object.keys(EMPTY_ROW) as (keyof Row)[];

/** Where the first thing is that is wrong with a builder's rows. */
export function firstWrong(form: Builder): { index: number; key: keyof Row } | undefined {
  const { fields } = form.control._formState.errors;
  if (!Array.isArray(fields)) return undefined;
  const index = fields.findIndex(Boolean);
  const wrong = fields[index] as Partial<Record<keyof Row, unknown>> | undefined;
  const key = wrong && KEYS.find((name) => wrong[name]);
  return key && { index, key };
}

/**
 * Shows what the API says of the fields at their places, `{"fields": [{}, {"name": ["…"]}]}`. Returns the same error
 * without that, or nothing if that was all.
 */
export function showRowErrors(form: Builder, error: unknown): unknown {
  if (!(error instanceof ApiError) || !Array.isArray(error.fields.fields)) return error;
  const { fields, ...rest } = error.fields;
  let isShown = false;
  for (const [index, faults] of (fields as unknown[]).entries()) {
    if (typeof faults !== "object" || faults === null) continue;
    for (const [key, value] of Object.entries(faults)) {
      const known = KEYS.find((name) => name === key) ?? "label";
      form.setError(`fields.${index}.${known}`, { type: "server", message: sentences(value).join(" ") });
      isShown = true;
    }
  }
  if (!isShown) return error;
  return Object.keys(rest).length > 0 ? new ApiError("invalid", { status: 400, fields: rest }) : undefined;
}
