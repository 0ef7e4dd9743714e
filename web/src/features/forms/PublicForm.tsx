import { RotateCw } from "lucide-react";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Write } from "../../api/client";
import type { PublicForm as Form } from "../../api/schema";
import { type Answer, isAnswered, toData } from "../../lib/answers";
import { FormFields } from "../../lib/FormFields";
import { type FormField, readDefinition } from "../../lib/formFields";
import { useLanguage, useWords } from "../../lib/language";
import { SaveBar } from "../../lib/SaveBar";
import { useAnswers } from "../../lib/useAnswers";
import { useSubmission } from "../../lib/useSubmission";
import { Button } from "../../ui/Button";
import { useSubmit } from "./api";
import { publicWords } from "./publicWords";

interface Props {
  form: Form;
  /** Asks for the form as it is now. */
  onReload: () => void;
}

/** The form, and the thanks after it. */
export function PublicForm({ form, onReload }: Props) {
  const [thanks, setThanks] = useState<string>();
  return (
    <>
      {form.description && <p className="mb-6 break-words whitespace-pre-line">{form.description}</p>}
      {thanks === undefined ? (
        <Fill form={form} onReload={onReload} onSent={setThanks} />
      ) : (
        <Thanks message={thanks} onAnother={() => setThanks(undefined)} />
      )}
    </>
  );
}

function Fill({ form, onReload, onSent }: Props & { onSent: (message: string) => void }) {
  const w = useWords(publicWords);
  const language = useLanguage();
  const create = useSubmit(form.id);
  const { fields, unreadable } = useMemo(() => readDefinition(form.fields), [form.fields]);
  const {
    form: element,
    errors,
    problem,
    read,
    check,
    onInput,
    showErrors,
    clearProblem,
  } = useAnswers(fields);
  const { restored, submit, ...submission } = useSubmission<Record<string, Answer>>({
    name: `public form ${form.id}`,
    owner: undefined,
    read: () => {
      const given = read();
      if (!given.some(isAnswered)) return undefined;
      return Object.fromEntries(fields.map(({ name }, index) => [name, given[index] ?? ""]));
    },
  });
  const [draft, setDraft] = useState(restored);
  const website = useRef<HTMLInputElement>(null);

  const send = (event: FormEvent) => {
    event.preventDefault();
    const given = check();
    if (!given) return;
    const data = Object.fromEntries(
      fields.map((field, index) => [field.name, toData(field, given[index] ?? "", language)]),
    );
    const answer = { data, website: website.current?.value ?? "" };
    const save = async (write: Write) => {
      const { detail } = await create.mutateAsync({ answer, write });
      onSent(detail);
      return {};
    };
    void submit(answer, save, showErrors);
  };
  const startAgain = () => {
    submission.discard();
    setDraft(undefined);
  };

  return (
    <form
      ref={element}
      noValidate
      onSubmit={send}
      onInput={(event) => {
        onInput(event);
        submission.touch();
      }}
      className="space-y-5"
    >
      {unreadable.length > 0 && <Note>{w.unreadable}</Note>}
      {fields.length === 0 && unreadable.length === 0 && <Note>{w.empty}</Note>}
      {draft && (
        <div className="flex flex-wrap items-center justify-between gap-x-4 rounded-lg bg-info-pale px-4 py-1 text-info-deep">
          <p>{w.restored}</p>
          <Button look="quiet" small onClick={startAgain}>
            {w.startAgain}
          </Button>
        </div>
      )}
      {fields.some(({ required }) => required) && <p className="text-sm text-ink-soft">{w.requiredFields}</p>}
      <FormFields
        key={draft ? "draft" : "empty"}
        fields={fields}
        initial={draft ? fields.map(({ type, name }) => fitting(type, draft[name])) : []}
        errors={errors}
      />
      {/* Programs fill in every field that there is. */}
      <div aria-hidden className="sr-only">
        <label>
          {w.honeypot}
          <input ref={website} name="website" tabIndex={-1} autoComplete="off" />
        </label>
      </div>
      {problem?.isOfFields && <Outdated onReload={onReload} />}
      <SaveBar
        saving={{ ...submission, message: problem?.message, clearError: clearProblem }}
        action={w.send}
        disabled={fields.length === 0}
      />
    </form>
  );
}

/** The form may have changed since the draft was kept. */
function fitting(type: FormField["type"], value: Answer | undefined): Answer | undefined {
  if (type === "boolean") return typeof value === "boolean" ? value : undefined;
  if (type === "multiselect") return Array.isArray(value) ? value : undefined;
  return typeof value === "string" ? value : undefined;
}

function Note({ children }: { children: string }) {
  return <p className="rounded-lg bg-accent-pale px-4 py-3 text-accent-ink">{children}</p>;
}

function Outdated({ onReload }: { onReload: () => void }) {
  const w = useWords(publicWords);
  return (
    <div className="space-y-2 text-sm text-ink-soft">
      <p>{w.outdated}</p>
      <Button look="secondary" small icon={<RotateCw className="size-4" aria-hidden />} onClick={onReload}>
        {w.reload}
      </Button>
    </div>
  );
}

function Thanks({ message, onAnother }: { message: string; onAnother: () => void }) {
  const w = useWords(publicWords);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div className="space-y-5">
      <div role="status">
        <h2 ref={title} tabIndex={-1} className="text-xl font-medium outline-none">
          {w.thanksTitle}
        </h2>
        <p className="mt-2">{message}</p>
      </div>
      <Button look="secondary" onClick={onAnother}>
        {w.another}
      </Button>
    </div>
  );
}
