import type { ReactNode } from "react";
import type { Entry, Form } from "../../api/schema";
import { showValue } from "../../lib/answers";
import { dateTime } from "../../lib/format";
import { distinctLabels, type FormField, readableName, readDefinition } from "../../lib/formFields";
import { useLanguage, useWords } from "../../lib/language";
import { dataOf } from "./data";
import { entryWords } from "./words";

export function EntryDetail({ entry, form }: { entry: Entry; form: Form }) {
  const w = useWords(entryWords);
  const language = useLanguage();
  const data = dataOf(entry);
  const { fields } = readDefinition(form.fields);
  const labels = distinctLabels(fields);
  const names = new Set(fields.map(({ name }) => name));
  const others = Object.entries(data ?? {}).filter(([name]) => !names.has(name));
  return (
    <div className="space-y-5">
      <section className="card p-5 sm:p-8" aria-labelledby="answers">
        <h2 id="answers" className="mb-1 text-lg font-medium break-words">
          {form.title}
        </h2>
        <p className="mb-5 text-sm text-ink-soft">
          {w.received} {dateTime(entry.created_at, language)}
          {entry.updated_at > entry.created_at && ` · ${w.modified} ${dateTime(entry.updated_at, language)}`}
        </p>
        {data ? (
          <dl className="divide-y divide-line">
            {fields.map((field, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- names may be there twice
              <Line key={`${index}-${field.name}`} label={labels[index] ?? field.name}>
                <Value value={data[field.name]} type={field.type} />
              </Line>
            ))}
          </dl>
        ) : (
          <>
            <p className="mb-3">{w.odd}</p>
            <pre className="overflow-x-auto text-sm whitespace-pre-wrap">
              {JSON.stringify(entry.data, null, 2)}
            </pre>
          </>
        )}
      </section>
      {others.length > 0 && (
        <section className="card p-5 sm:p-8" aria-labelledby="others">
          <h2 id="others" className="text-lg font-medium">
            {w.others}
          </h2>
          <p className="mt-1 mb-4 text-sm text-ink-soft">{w.othersHint}</p>
          <dl className="divide-y divide-line">
            {others.map(([name, value]) => (
              <Line key={name} label={readableName(name)}>
                <Value value={value} type={undefined} />
              </Line>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="gap-4 py-3 sm:grid sm:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
      <dt className="text-sm break-words text-ink-soft">{label}</dt>
      <dd className="break-words whitespace-pre-line">{children}</dd>
    </div>
  );
}

const LINK = "underline hover:text-ink-soft";

function Value({ value, type }: { value: unknown; type: FormField["type"] | undefined }) {
  const w = useWords(entryWords);
  const language = useLanguage();
  const text = showValue(value, type, language);
  if (!text) {
    return (
      <span className="text-ink-soft">
        <span aria-hidden>—</span>
        <span className="sr-only">{w.blank}</span>
      </span>
    );
  }
  if (type === "email") {
    return (
      <a href={`mailto:${encodeURIComponent(text)}`} className={LINK}>
        {text}
      </a>
    );
  }
  if (type === "phone") {
    return (
      <a href={`tel:${text.replaceAll(/[^+\d]/g, "")}`} className={LINK}>
        {text}
      </a>
    );
  }
  // Whoever filled in the form wrote this.
  if (type === "url" && /^https?:\/\//i.test(text)) {
    return (
      <a href={text} target="_blank" rel="noopener noreferrer nofollow" className={LINK}>
        {text}
      </a>
    );
  }
  return text;
}
