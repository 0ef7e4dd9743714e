import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Versioned, Write } from "../../api/client";
import type { Entry, Form } from "../../api/schema";
import { useUser } from "../../api/session";
import { type Answer, fromData, showValue, toData } from "../../lib/answers";
import { FormFields } from "../../lib/FormFields";
import { type FormField, readableName, readDefinition } from "../../lib/formFields";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { SaveBar } from "../../lib/SaveBar";
import { Restored } from "../../lib/SaveForm";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useAnswers } from "../../lib/useAnswers";
import { useSubmission } from "../../lib/useSubmission";
import { EmptyState } from "../../ui/States";
import { useUpdateEntry } from "./api";
import { dataOf } from "./data";
import { entryWords } from "./words";

interface Props {
  entry: Versioned<Entry>;
  form: Form;
  /** Starts again from the entry as it is now. */
  onReload: () => void;
}

export function EntryForm({ entry: { row, version }, form, onReload }: Props) {
  const w = useWords(entryWords);
  const language = useLanguage();
  const update = useUpdateEntry(row.id);
  const { fields } = useMemo(() => readDefinition(form.fields), [form.fields]);
  const {
    form: element,
    errors,
    problem,
    read,
    check,
    onInput,
    showErrors,
    clearProblem,
    fill,
  } = useAnswers(fields);
  const stored = useMemo(() => dataOf(row) ?? {}, [row]);
  const { initial, notes } = useInitial(fields, stored);
  // A control may hold something else than it was given: one line has no second one.
  const before = useRef<Answer[]>(undefined);
  const { restored, submit, ...submission } = useSubmission<Record<string, Answer>>({
    name: `entry ${row.id}`,
    owner: useUser().id,
    version,
    read: () => {
      const given = read();
      const isTyped = given.some((answer, index) => !isEqual(answer, before.current?.[index]));
      return isTyped ? byName(fields, given) : undefined;
    },
  });
  // The controls begin with the entry, are read, and then take what a draft has.
  useEffect(() => {
    before.current ??= read();
    if (restored) fill(restored);
  }, [read, restored, fill]);
  const [isRestored, setIsRestored] = useState(restored !== undefined);

  const names = new Set(fields.map(({ name }) => name));
  const others = Object.keys(stored).filter((name) => !names.has(name));
  if (fields.length === 0) return <EmptyState title={w.cannotEdit} />;

  const save = (event: FormEvent) => {
    event.preventDefault();
    const given = check();
    if (!given) return;
    const data = merged(fields, given, before.current ?? [], stored, language);
    const send = async (write: Write) => {
      await update.mutateAsync({ data, write });
      return { message: w.updated, to: paths.entry(row.form, row.id), isReplaced: true };
    };
    void submit(data, send, showErrors);
  };
  const startAgain = () => {
    submission.discard();
    fill(byName(fields, before.current ?? []));
    setIsRestored(false);
  };

  return (
    <form
      ref={element}
      noValidate
      onSubmit={save}
      onInput={(event) => {
        onInput(event);
        submission.touch();
      }}
      className="card max-w-3xl space-y-5 p-5 sm:p-8"
    >
      <UnsavedGuard when={submission.unsaved} onGiveUp={submission.discard} />
      {isRestored && <Restored onDiscard={startAgain} />}
      {others.length > 0 && (
        <p className="rounded-lg bg-accent-pale px-4 py-3 break-words text-accent-ink">
          {w.willLose(others.map(readableName).join(", "))}
        </p>
      )}
      {fields.some(({ required }) => required) && <p className="text-sm text-ink-soft">{w.requiredFields}</p>}
      <FormFields fields={fields} initial={initial} errors={errors} notes={notes} />
      <SaveBar
        saving={{ ...submission, message: problem?.message, clearError: clearProblem }}
        action={w.save}
        onReload={() => {
          submission.discard();
          onReload();
        }}
      />
    </form>
  );
}

/** What stands in the controls at first, and what is stored where that cannot stand in one. */
function useInitial(fields: readonly FormField[], stored: Record<string, unknown>) {
  const w = useWords(entryWords);
  const language = useLanguage();
  return useMemo(() => {
    const initial = fields.map((field) => fromData(field, stored[field.name], language));
    const notes = fields.map((field, index) => {
      const said = misfit(field, stored[field.name], initial[index], language);
      return said && w.stored(said);
    });
    return { initial, notes };
  }, [fields, stored, w, language]);
}

function misfit(
  field: FormField,
  value: unknown,
  shown: Answer | undefined,
  language: Language,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  const isWhole = Array.isArray(shown)
    ? Array.isArray(value) && shown.length === value.length
    : shown !== undefined;
  return isWhole ? undefined : showValue(value, field.type, language);
}

/** What was changed, and the rest as it is stored. */
function merged(
  fields: readonly FormField[],
  given: readonly Answer[],
  before: readonly Answer[],
  stored: Record<string, unknown>,
  language: Language,
): Record<string, unknown> {
  const answers = fields.map((field, index) => {
    const answer = given[index] ?? "";
    return [
      field.name,
      isEqual(answer, before[index]) ? stored[field.name] : toData(field, answer, language),
    ];
  });
  return Object.fromEntries(answers) as Record<string, unknown>;
}

function byName(fields: readonly FormField[], given: readonly Answer[]): Record<string, Answer> {
  return Object.fromEntries(fields.map(({ name }, index) => [name, given[index] ?? ""]));
}

function isEqual(answer: Answer, before: Answer | undefined): boolean {
  return JSON.stringify(answer) === JSON.stringify(before);
}
