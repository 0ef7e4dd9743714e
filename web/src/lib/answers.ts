import { characters, LONGEST_TEXT } from "./characters";
import { date, dateTime } from "./format";
import type { FormField } from "./formFields";
import type { Language, Words } from "./language";
import { readNumber, typedNumber } from "./numbers";

/** What stands in the control of a field. */
export type Answer = string | boolean | readonly string[];

/** An answer, and whether the browser could not make sense of what was typed. */
export interface Given {
  answer: Answer;
  isBad: boolean;
}

const LARGEST = 1e15;

const fr = {
  required: "Ce champ est obligatoire.",
  email: "Saisissez une adresse e-mail valide.",
  phone: "Saisissez un numéro de téléphone valide, par exemple +221 77 123 45 67.",
  url: "Saisissez une adresse qui commence par https:// ou http://.",
  number: "Saisissez un nombre, par exemple 25\u00a0000 ou 25,5.",
  integer: "Saisissez un nombre entier.",
  date: "Saisissez une date complète.",
  datetime: "Saisissez une date et une heure complètes.",
  tooShort: (min: number) => `Saisissez au moins ${min} caractère${min > 1 ? "s" : ""}.`,
  tooLong: (max: number) => `Saisissez au plus ${max} caractère${max > 1 ? "s" : ""}.`,
  tooSmall: (min: string) => `La valeur la plus petite est ${min}.`,
  tooLarge: (max: string) => `La valeur la plus grande est ${max}.`,
  tooEarly: (min: string) => `Choisissez le ${min} ou plus tard.`,
  tooLate: (max: string) => `Choisissez le ${max} ou plus tôt.`,
};

type AnswerWords = typeof fr;

const en: AnswerWords = {
  required: "This field is required.",
  email: "Enter a valid email address.",
  phone: "Enter a valid phone number, such as +221 77 123 45 67.",
  url: "Enter an address that begins with https:// or http://.",
  number: "Enter a number, such as 25,000 or 25.5.",
  integer: "Enter a whole number.",
  date: "Enter a complete date.",
  datetime: "Enter a date and a time.",
  tooShort: (min: number) => `Enter at least ${min} character${min > 1 ? "s" : ""}.`,
  tooLong: (max: number) => `Enter at most ${max} character${max > 1 ? "s" : ""}.`,
  tooSmall: (min: string) => `The smallest value is ${min}.`,
  tooLarge: (max: string) => `The largest value is ${max}.`,
  tooEarly: (min: string) => `Choose ${min} or later.`,
  tooLate: (max: string) => `Choose ${max} or earlier.`,
};

/** What {@link checkAnswer} says. */
export const answerWords: Words<AnswerWords> = { fr, en };

/** What to say where a browser cannot make sense of what is typed. */
const BAD: Partial<Record<FormField["type"], (w: AnswerWords) => string>> = {
  date: (w) => w.date,
  datetime: (w) => w.datetime,
};

/** What is wrong with an answer, of what the API would say; it has the last word, and checks patterns alone. */
export function checkAnswer(
  field: FormField,
  { answer, isBad }: Given,
  w: AnswerWords,
  language: Language,
): string | undefined {
  if (typeof answer === "boolean") return undefined;
  if (isBad) return BAD[field.type]?.(w);
  if (typeof answer !== "string") return answer.length === 0 && field.required ? w.required : undefined;
  const text = answer.trim();
  if (!text) return field.required ? w.required : undefined;
  switch (field.type) {
    case "email":
      return isEmail(text) ? checkLength(field, text, w) : w.email;
    case "phone":
      return isPhone(text) ? checkLength(field, text, w) : w.phone;
    case "url":
      return /^https?:\/\/[^\s/]\S*$/i.test(text) ? checkLength(field, text, w) : w.url;
    case "number":
    case "integer":
      return checkNumber(field, numberOf(field, text, language), w, language);
    case "date":
    case "datetime":
      return checkTime(field, text, w, language);
    case "select":
      return undefined;
    default:
      return checkLength(field, text, w);
  }
}

/** Whether it may be an address; the API looks closer. */
export function isEmail(text: string): boolean {
  return /^.+@[^\s@]+\.[^\s@.]{2,}$/.test(text.trim());
}

/** Whether the API takes it: it drops invisible characters, and takes any white space for a space, any dash for a hyphen. */
export function isPhone(text: string): boolean {
  const phone = text
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/\s/gu, " ")
    .replaceAll(/[\u2010-\u2015\u2212]/g, "-")
    .trim();
  const digits = phone.replaceAll(/\D/g, "").length;
  return /^\+?[\d .()-]+$/.test(phone) && phone.length <= 20 && digits >= 6 && digits <= 15;
}

function checkLength(
  { min_length: min = 0, max_length: max = LONGEST_TEXT }: FormField,
  text: string,
  w: AnswerWords,
) {
  const length = characters(text);
  const limit = Math.min(max, LONGEST_TEXT);
  if (length < min) return w.tooShort(min);
  return length > limit ? w.tooLong(limit) : undefined;
}

/** What is understood of a number that is typed into a field. */
export function numberOf(
  { type }: Pick<FormField, "type">,
  text: string,
  language: Language,
): number | undefined {
  return readNumber(text, language, type === "integer" ? 0 : undefined);
}

function checkNumber(
  { type, min, max }: FormField,
  value: number | undefined,
  w: AnswerWords,
  language: Language,
) {
  if (value === undefined) return w[type === "integer" ? "integer" : "number"];
  if (type === "integer" && !Number.isInteger(value)) return w.integer;
  const [smallest, largest] = [
    Math.max(Number(min ?? -LARGEST), -LARGEST),
    Math.min(Number(max ?? LARGEST), LARGEST),
  ];
  if (value < smallest) return w.tooSmall(exactNumber(smallest, language));
  return value > largest ? w.tooLarge(exactNumber(largest, language)) : undefined;
}

function checkTime({ type, min, max }: FormField, text: string, w: AnswerWords, language: Language) {
  const isDate = type === "date";
  // Dates are compared as text: they are in no time zone.
  const place = (time: string) => (isDate ? time : new Date(time).getTime());
  const show = (time: string) => (isDate ? date(`${time}T00:00`, language) : dateTime(time, language));
  if (typeof min === "string" && place(text) < place(min)) return w.tooEarly(show(min));
  if (typeof max === "string" && place(text) > place(max)) return w.tooLate(show(max));
  return undefined;
}

/** Whether there is an answer; "no" is one. */
export function isAnswered(answer: Answer | undefined): boolean {
  return typeof answer === "boolean" || (answer !== undefined && answer.length > 0);
}

/** As the API takes it; nothing where there is no answer. */
export function toData(field: FormField, answer: Answer, language: Language): unknown {
  if (typeof answer === "boolean") return answer;
  if (typeof answer !== "string") return answer.length > 0 ? answer : undefined;
  if (!answer.trim()) return undefined;
  if (field.type === "number" || field.type === "integer") return numberOf(field, answer, language);
  return field.type === "datetime" ? new Date(answer).toISOString() : answer;
}

/** What stands in the control for a stored value; nothing where that does not fit it. */
export function fromData(
  { type, options }: FormField,
  value: unknown,
  language: Language,
): Answer | undefined {
  switch (type) {
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "multiselect":
      return Array.isArray(value) ? value.filter((each) => options.includes(each as string)) : undefined;
    case "select":
      return typeof value === "string" && options.includes(value) ? value : undefined;
    case "number":
    case "integer":
      return typeof value === "number" ? typedNumber(value, language) : undefined;
    case "date":
      return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined;
    case "datetime":
      return typeof value === "string" ? toLocal(value) : undefined;
    default:
      return typeof value === "string" ? value : undefined;
  }
}

/** An ISO 8601 time as `datetime-local` has it: where the reader is, without seconds that are none. */
export function toLocal(time: string): string | undefined {
  const instant = new Date(time);
  if (Number.isNaN(instant.getTime())) return undefined;
  const local = new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace(/:00$/, "");
}

/** A number with all of its digits. */
export function exactNumber(value: number, language: Language): string {
  const format = new Intl.NumberFormat(language === "fr" ? "fr-FR" : "en-GB", { maximumFractionDigits: 15 });
  return format.format(value).replaceAll("\u202f", "\u00a0");
}

const SHOWN: Words<{ yes: string; no: string }> = {
  fr: { yes: "Oui", no: "Non" },
  en: { yes: "Yes", no: "No" },
};

/** A stored value for people to read: by its field's type where it has that, whatever it is otherwise. */
export function showValue(value: unknown, type: FormField["type"] | undefined, language: Language): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? SHOWN[language].yes : SHOWN[language].no;
  if (typeof value === "number") return exactNumber(value, language);
  if (Array.isArray(value)) return value.map((each) => showValue(each, undefined, language)).join(", ");
  if (typeof value !== "string") return JSON.stringify(value);
  if (type === "date" && /^\d{4}-\d{2}-\d{2}$/.test(value)) return date(`${value}T00:00`, language);
  if (type === "datetime" && !Number.isNaN(Date.parse(value))) return dateTime(value, language);
  return value;
}
