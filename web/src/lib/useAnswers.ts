import { type FormEvent, useCallback, useRef, useState } from "react";
import { ApiError, sentences } from "../api/error";
import { useExplain } from "../api/explain";
import { type Answer, answerWords, checkAnswer, type Given } from "./answers";
import { controlName } from "./FormFields";
import type { FormField } from "./formFields";
import { useLanguage, useWords, words } from "./language";

const text = words(
  { changed: "Le formulaire a changé : une question manque sur cette page." },
  { changed: "The form has changed: a question is missing on this page." },
);

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** What is wrong, by position; nothing is `{}`. */
type Errors = Readonly<Record<number, string>>;

/** What is wrong with the whole of it. */
interface Problem {
  message: string;
  /** Whether it is about the fields: those of the form may be others by now. */
  isOfFields: boolean;
}

/** The answers in a form of `FormFields`: read from its controls, checked, and with what the API says about them. */
export function useAnswers(fields: readonly FormField[]) {
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Errors>({});
  const [problem, setProblem] = useState<Problem>();
  const language = useLanguage();
  const w = useWords(answerWords);
  const { changed } = useWords(text);
  const explain = useExplain();

  const show = (next: Errors) => {
    setErrors(next);
    const first = Object.keys(next)[0];
    if (first !== undefined) controlsOf(form.current, Number(first))[0]?.focus();
  };

  const readAll = useCallback(
    (): Answer[] => fields.map((field, index) => read(form.current, field, index).answer),
    [fields],
  );

  return {
    form,
    errors,
    problem,
    read: readAll,
    /** Puts answers into the controls, by the names of their fields. */
    fill: useCallback(
      (answers: Readonly<Record<string, Answer>>) => {
        for (const [index, { name }] of fields.entries()) {
          const answer = answers[name];
          if (answer !== undefined)
            for (const control of controlsOf(form.current, index)) put(control, answer);
        }
      },
      [fields],
    ),
    clearProblem: useCallback(() => setProblem(undefined), []),
    /** The answers, if the API may well take them; otherwise what is wrong is shown. */
    check: (): Answer[] | undefined => {
      const given = fields.map((field, index) => read(form.current, field, index));
      const found: Record<number, string> = {};
      for (const [index, field] of fields.entries()) {
        const wrong = checkAnswer(field, given[index] as Given, w, language);
        if (wrong) found[index] = wrong;
      }
      setProblem(undefined);
      show(found);
      return Object.keys(found).length > 0 ? undefined : given.map(({ answer }) => answer);
    },
    /** What was wrong goes away as soon as it is put right. */
    onInput: (event: FormEvent<HTMLFormElement>) => {
      setProblem(undefined);
      const { name } = event.target as Control;
      const index = fields.findIndex((_, position) => controlName(position) === name);
      const field = fields[index];
      if (!field || errors[index] === undefined) return;
      const { [index]: _, ...rest } = errors;
      const wrong = checkAnswer(field, read(form.current, field, index), w, language);
      setErrors(wrong ? { ...rest, [index]: wrong } : rest);
    },
    /** Shows what the API said at the fields, and what is about none of them above them. */
    showErrors: (error: unknown) => {
      const said = error instanceof ApiError ? error.fields : {};
      const { data, ...rest } = said;
      const perName = typeof data === "object" && data !== null && !Array.isArray(data) ? data : undefined;
      const found: Record<number, string> = {};
      const others = [...sentences(rest), ...(perName ? [] : sentences(data))];
      for (const [name, value] of Object.entries(perName ?? {})) {
        const index = fields.findIndex((field) => field.name === name);
        if (index >= 0) found[index] = sentences(value).join(" ");
        else if (!others.includes(changed)) others.push(changed);
      }
      if (others.length > 0) setProblem({ message: others.join(" "), isOfFields: true });
      else if (Object.keys(found).length > 0) setProblem(undefined);
      else setProblem({ message: explain(error), isOfFields: false });
      show(found);
    },
  };
}

function controlsOf(form: HTMLFormElement | null, index: number): Control[] {
  return [...(form?.querySelectorAll<Control>(`[name="${controlName(index)}"]`) ?? [])];
}

function read(form: HTMLFormElement | null, field: FormField, index: number): Given {
  const controls = controlsOf(form, index);
  const [first] = controls;
  if (field.type === "boolean") {
    const chosen = controls.find(isTicked)?.value;
    return { answer: chosen ? chosen === "true" : "", isBad: false };
  }
  if (field.type === "multiselect") {
    return { answer: controls.filter(isTicked).map(({ value }) => value), isBad: false };
  }
  return { answer: first?.value ?? "", isBad: first?.validity.badInput ?? false };
}

function put(control: Control, answer: Answer) {
  const isChoice = control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type);
  if (!isChoice) control.value = String(answer);
  else
    control.checked = Array.isArray(answer)
      ? answer.includes(control.value)
      : String(answer) === control.value;
}

function isTicked(control: Control | undefined): boolean {
  return control instanceof HTMLInputElement && control.checked;
}
