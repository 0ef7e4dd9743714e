import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo, useState } from "react";
import { useForm } from "react-hook-form";
import { useShowErrors } from "../../api/explain";
import type { Form, FormChanges } from "../../api/schema";
import { readDefinition } from "../../lib/formFields";
import { LONGEST_TEXT } from "../../lib/characters";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { SaveError } from "../../lib/SaveError";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useUnsaved } from "../../lib/useUnsaved";
import { Button } from "../../ui/Button";
import { CheckField, TextArea, TextField } from "../../ui/Field";
import { builderWords } from "./builderWords";
import { firstWrong, showRowErrors } from "./fieldErrors";
import { FieldRows } from "./FieldRows";
import { Preview } from "./Preview";
import { toDefinition, toRow } from "./row";
import { type BuilderValues, builderSchema } from "./schema";
import { useRows } from "./useRows";
import { formWords } from "./words";

interface Props {
  /** The form to edit; none for a new one. */
  form?: Form;
  /** Saves what has changed and goes elsewhere. Throws what the API says. */
  onSave: (changes: Partial<FormChanges>) => Promise<void>;
  /** What the last attempt threw. */
  error: unknown;
  /** Starts again from the form as it is now. */
  onReload: () => void;
}

/** One builder to create and to edit, beside what it makes. Only what was changed is sent. */
export function FormBuilder({ form: stored, onSave, error, onReload }: Props) {
  const w = useWords(builderWords);
  const { save } = useWords(formWords);
  const language = useLanguage();
  const schema = useMemo(() => builderSchema(w, language), [w, language]);
  const [{ defaults, unreadable }] = useState(() => read(stored, language));
  const form = useForm<BuilderValues, unknown, BuilderValues>({
    resolver: zodResolver(schema),
    defaultValues: defaults,
    shouldFocusError: false,
  });
  const list = useRows(form);
  const showErrors = useShowErrors(form, ["title", "description", "is_active"]);
  const unsaved = useUnsaved(form);
  const { errors, isSubmitting, isSubmitSuccessful } = form.formState;

  const goToError = () => {
    if (form.control._formState.errors.title) return form.setFocus("title");
    const wrong = firstWrong(form);
    return wrong && list.show(wrong.index, wrong.key);
  };
  const submit = form.handleSubmit(async (values) => {
    try {
      await onSave(changesOf(values, stored && defaults, language));
    } catch (thrown) {
      const rest = showRowErrors(form, thrown);
      if (rest) showErrors(rest);
      goToError();
    }
  }, goToError);

  return (
    <form
      noValidate
      onSubmit={(event) => void submit(event)}
      className="grid items-start gap-5 xl:grid-cols-2"
    >
      <UnsavedGuard when={unsaved} />
      <div className="min-w-0 space-y-5">
        <SaveError message={errors.root?.message} error={error} onReload={onReload} />
        {unreadable > 0 && <Note>{w.lost(unreadable)}</Note>}
        <section className="card space-y-5 p-5 sm:p-8" aria-label={w.about}>
          <TextField label={w.name} limit={255} error={errors.title?.message} {...form.register("title")} />
          <TextArea
            label={w.description}
            optional
            rows={3}
            limit={LONGEST_TEXT}
            error={errors.description?.message}
            {...form.register("description")}
          />
          <CheckField label={w.isActive} {...form.register("is_active")} />
        </section>
        {stored && stored.entries_count > 0 && <p className="px-1 text-sm text-ink-soft">{w.keepsEntries}</p>}
        <FieldRows form={form} list={list} />
        <div className="flex justify-end">
          <Button type="submit" busy={isSubmitting || isSubmitSuccessful} className="w-full sm:w-auto">
            {save}
          </Button>
        </div>
      </div>
      <Preview form={form} place={list.rows.findIndex(({ id }) => id === list.openId)} />
    </form>
  );
}

function Note({ children }: { children: string }) {
  return <p className="rounded-lg bg-accent-pale px-4 py-3 text-accent-ink">{children}</p>;
}

function read(stored: Form | undefined, language: Language): { defaults: BuilderValues; unreadable: number } {
  if (!stored)
    return { defaults: { title: "", description: "", is_active: true, fields: [] }, unreadable: 0 };
  const { title, description, is_active, fields: anything } = stored;
  const { fields, unreadable } = readDefinition(anything);
  return {
    defaults: { title, description, is_active, fields: fields.map((field) => toRow(field, language)) },
    unreadable: unreadable.length,
  };
}

function changesOf(
  values: BuilderValues,
  before: BuilderValues | undefined,
  language: Language,
): Partial<FormChanges> {
  const after = toBody(values, language);
  if (!before) return after;
  const was: Record<string, unknown> = toBody(before, language);
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]),
  );
  return Object.fromEntries(changed);
}

function toBody({ title, description, is_active, fields }: BuilderValues, language: Language): FormChanges {
  return {
    title: title.trim(),
    description,
    is_active,
    fields: fields.map((row) => toDefinition(row, language)),
  };
}
