import { RotateCw } from "lucide-react";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import type { PublicForm as Form } from "../../api/schema";
import { isAnswered, toData } from "../../lib/answers";
import { FormFields } from "../../lib/FormFields";
import { readDefinition } from "../../lib/formFields";
import { useLanguage, useWords } from "../../lib/language";
import { useAnswers } from "../../lib/useAnswers";
import { Button } from "../../ui/Button";
import { FormError } from "../../ui/Field";
import { useSubmit } from "./api";
import { draftOf } from "./draft";
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
  const submit = useSubmit(form.id);
  const { fields, unreadable } = useMemo(() => readDefinition(form.fields), [form.fields]);
  const draft = useMemo(() => draftOf(form.id), [form.id]);
  const [initial, setInitial] = useState(() => draft.read(fields));
  const [attempt, setAttempt] = useState(0);
  const { form: element, errors, problem, read, check, onInput, showErrors } = useAnswers(fields);
  const website = useRef<HTMLInputElement>(null);
  const isRestored = initial.some(isAnswered);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    const given = check();
    if (!given) return;
    const data = Object.fromEntries(
      fields.map((field, index) => [field.name, toData(field, given[index] ?? "", language)]),
    );
    try {
      const { detail } = await submit.mutateAsync({ data, website: website.current?.value ?? "" });
      draft.clear();
      onSent(detail);
    } catch (error) {
      showErrors(error);
    }
  };
  const startAgain = () => {
    draft.clear();
    setInitial([]);
    setAttempt((before) => before + 1);
  };

  return (
    <form
      ref={element}
      noValidate
      onSubmit={(event) => void send(event)}
      onInput={(event) => {
        onInput(event);
        draft.write(fields, read());
      }}
      className="space-y-5"
    >
      {unreadable.length > 0 && <Note>{w.unreadable}</Note>}
      {fields.length === 0 && unreadable.length === 0 && <Note>{w.empty}</Note>}
      {isRestored && (
        <div className="flex flex-wrap items-center justify-between gap-x-4 rounded-lg bg-info-pale px-4 py-1 text-info-deep">
          <p>{w.restored}</p>
          <Button look="quiet" small onClick={startAgain}>
            {w.startAgain}
          </Button>
        </div>
      )}
      {fields.some(({ required }) => required) && <p className="text-sm text-ink-soft">{w.requiredFields}</p>}
      <FormFields key={attempt} fields={fields} initial={initial} errors={errors} />
      {/* Programs fill in every field that there is. */}
      <div aria-hidden className="sr-only">
        <label>
          {w.honeypot}
          <input ref={website} name="website" tabIndex={-1} autoComplete="off" />
        </label>
      </div>
      <FormError message={problem?.message} />
      {problem?.isOfFields && <Outdated onReload={onReload} />}
      <Button
        type="submit"
        busy={submit.isPending}
        disabled={fields.length === 0}
        className="w-full sm:w-auto"
      >
        {w.send}
      </Button>
    </form>
  );
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
