import { useDeferredValue, useEffect, useMemo, useRef } from "react";
import { useWatch } from "react-hook-form";
import { controlName, FormFields } from "../../lib/FormFields";
import { useLanguage, useWords } from "../../lib/language";
import { builderWords } from "./builderWords";
import type { Builder } from "./FieldEditor";
import { publicWords } from "./publicWords";
import { toField } from "./row";

interface Props {
  form: Builder;
  /** Where the field is that is being written. */
  place: number;
}

/** The form as those who fill it in will see it, a moment behind what is typed. */
export function Preview({ form, place }: Props) {
  const w = useWords(builderWords);
  const language = useLanguage();
  const pw = useWords(publicWords);
  const { control } = form;
  const [title, description] = useWatch({ control, name: ["title", "description"] });
  const rows = useDeferredValue(useWatch({ control, name: "fields" }));
  const fields = useMemo(() => rows.map((row) => toField(row, w.unnamed, language)), [rows, w, language]);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    const control = card.current?.querySelector<HTMLElement>(`[name="${controlName(place)}"]`);
    // Where the card scrolls by itself; the page stays where it is.
    if (control) card.current?.scrollTo({ top: control.offsetTop - card.current.clientHeight / 3 });
  }, [place]);
  return (
    <section
      ref={card}
      aria-labelledby="preview-title"
      className="card p-5 sm:p-8 relative xl:sticky xl:top-20 xl:max-h-[calc(100dvh-6rem)] xl:overflow-y-auto"
    >
      <h2 id="preview-title" className="mb-4 text-sm font-medium tracking-wide text-ink-soft uppercase">
        {w.preview}
      </h2>
      <p className="mb-4 text-2xl font-light break-words">{title.trim() || w.untitled}</p>
      {description.trim() && <p className="mb-6 break-words whitespace-pre-line">{description}</p>}
      {fields.length === 0 && <p className="text-ink-soft">{w.previewEmpty}</p>}
      {fields.some(({ required }) => required) && (
        <p className="mb-5 text-sm text-ink-soft">{pw.requiredFields}</p>
      )}
      <FormFields fields={fields} />
    </section>
  );
}
