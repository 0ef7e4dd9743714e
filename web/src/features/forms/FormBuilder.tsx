import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo, useState } from "react";
import { useForm } from "react-hook-form";
import type { Versioned, Write } from "../../api/client";
import type { Form, FormChanges } from "../../api/schema";
import { readDefinition } from "../../lib/formFields";
import { LONGEST_TEXT } from "../../lib/characters";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { SaveBar } from "../../lib/SaveBar";
import { Restored } from "../../lib/SaveForm";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useSaving } from "../../lib/useSaving";
import type { Saved } from "../../lib/useSubmission";
import { CheckField, TextArea, TextField } from "../../ui/Field";
import { builderWords } from "./builderWords";
import { firstWrong, showRowErrors } from "./fieldErrors";
import { FieldRows } from "./FieldRows";
import { Preview } from "./Preview";
import { toDefinition, toRow } from "./row";
import { type BuilderValues, builderSchema } from "./schema";
import { useRows } from "./useRows";
import { formWords } from "./words";

const FIELDS = ["title", "description", "is_active"] as const;

interface Props {
  /** The form to edit; none for a new one. */
  form?: Versioned<Form>;
  /** Saves what has changed. Throws what the API says. */
  onSave: (changes: Partial<FormChanges>, write: Write) => Promise<Saved>;
  /** Starts again from the form as it is now. */
  onReload?: () => void;
}

/** One builder to create and to edit, beside what it makes. Only what was changed is sent. */
export function FormBuilder({ form: versioned, onSave, onReload }: Props) {
  const stored = versioned?.row;
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
  const { errors } = form.formState;

  const goToError = () => {
    if (form.control._formState.errors.title) return form.setFocus("title");
    const wrong = firstWrong(form);
    return wrong && list.show(wrong.index, wrong.key);
  };
  const saving = useSaving(form, {
    name: stored ? `form ${stored.id}` : "form",
    version: versioned?.version,
    fields: FIELDS,
    onSave: (values, write) => onSave(changesOf(values, stored && defaults, language), write),
    onError: (thrown) => {
      const rest = showRowErrors(form, thrown);
      goToError();
      return rest;
    },
    onInvalid: goToError,
  });

  return (
    <form noValidate onSubmit={saving.submit} className="grid items-start gap-5 xl:grid-cols-2">
      <UnsavedGuard when={saving.unsaved} onGiveUp={saving.discard} />
      <div className="min-w-0 space-y-5">
        {saving.isRestored && <Restored onDiscard={saving.startAgain} />}
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
        <SaveBar saving={saving} action={save} onReload={onReload && saving.discarding(onReload)} />
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
