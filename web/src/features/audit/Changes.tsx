import { ArrowRight } from "lucide-react";
import type { AuditEvent } from "../../api/schema";
import { dateTime, number } from "../../lib/format";
import { readableName } from "../../lib/formFields";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { auditWords, type AuditWords, fieldWords } from "./words";

/** What people read of a value; the rest is clipped. */
const LONGEST = 300;
/** They repeat `image_url`. */
const REPEATED = new Set(["image", "image_base64"]);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

export function changesOf(event: AuditEvent): [string, [unknown, unknown]][] {
  const fields = Object.entries(event.changes as Record<string, [unknown, unknown]>);
  return fields.filter(([field]) => !REPEATED.has(field));
}

/** Field by field: before, and after. A new row has no before, a deleted one no after. */
export function Changes({ event }: { event: AuditEvent }) {
  const w = useWords(auditWords);
  const names = useWords(fieldWords);
  const isNew = event.action === "create";
  const isGone = event.action === "delete" || event.action === "lift";
  return (
    <dl className="mt-1 mb-2 grid gap-x-4 gap-y-1 rounded-lg bg-page px-4 py-3 text-sm sm:grid-cols-[minmax(8rem,12rem)_1fr]">
      {changesOf(event).map(([field, [before, after]]) => (
        <div key={field} className="contents">
          <dt className="text-ink-soft">{names[field] ?? readableName(field)}</dt>
          <dd className="mb-2 flex min-w-0 flex-wrap items-center gap-2 sm:mb-0">
            {!isNew && (
              <del className={isGone ? "no-underline" : "text-ink-soft"}>
                <span className="sr-only">{w.before} </span>
                <Value value={before} />
              </del>
            )}
            {!isNew && !isGone && <ArrowRight className="size-4 shrink-0 text-ink-soft" aria-hidden />}
            {!isGone && (
              <ins className="no-underline">
                <span className="sr-only">{w.after} </span>
                <Value value={after} />
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: unknown }) {
  const w = useWords(auditWords);
  const language = useLanguage();
  const said = inWords(value, w, language);
  if (!said) return <i className="text-ink-soft">{w.nothing}</i>;
  const clipped = [...said].slice(0, LONGEST).join("");
  return (
    <span className="wrap-anywhere whitespace-pre-wrap">
      {clipped}
      {clipped.length < said.length && "…"}
    </span>
  );
}

function inWords(value: unknown, w: AuditWords, language: Language): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? w.yes : w.no;
  if (typeof value === "number") return number(value, language);
  if (Array.isArray(value)) return value.map((each) => inWords(each, w, language)).join(", ");
  if (typeof value !== "string") return describe(value, w, language);
  return TIME.test(value) ? dateTime(value, language) : value;
}

/** A field of a form by its label; anything else with what it holds. */
function describe(value: object, w: AuditWords, language: Language): string {
  if ("label" in value && typeof value.label === "string") return value.label;
  return Object.entries(value)
    .map(([name, each]) => `${readableName(name)}\u00a0: ${inWords(each, w, language)}`)
    .join(", ");
}
