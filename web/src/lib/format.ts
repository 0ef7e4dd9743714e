import type { Language } from "./language";

const LOCALES: Record<Language, string> = { fr: "fr-FR", en: "en-GB" };

/** A formatter is made once for each language: that takes a hundred times as long as to use it. */
function once<T>(make: (locale: string) => T): (language: Language) => T {
  const made: Partial<Record<Language, T>> = {};
  return (language) => (made[language] ??= make(LOCALES[language]));
}

const numbers = once((locale) => new Intl.NumberFormat(locale));
const dates = once(
  (locale) => new Intl.DateTimeFormat(locale, { day: "2-digit", month: "2-digit", year: "numeric" }),
);
const clocks = once((locale) => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }));
const ages = once((locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));

const DAY = { day: "2-digit", month: "2-digit", timeZone: "UTC" } as const;
const days = once((locale) => new Intl.DateTimeFormat(locale, { ...DAY, year: "numeric" }));
const shortDays = once((locale) => new Intl.DateTimeFormat(locale, DAY));

/** `12 480`, with a space that does not break. */
export function number(value: number, language: Language): string {
  return numbers(language).format(value).replaceAll("\u202f", "\u00a0");
}

/** An amount as the API writes it, `"45000.00"`, as people do: `45 000 F XOF`, which has no minor unit, or `120,50 €`. */
export function money(amount: string, currency: string, language: Language): string {
  const value = Number(amount);
  if (!Number.isFinite(value)) return `${amount} ${currency}`;
  if (currency === "XOF") return `${number(Math.round(value), language)}\u00a0F\u00a0XOF`;
  const format = new Intl.NumberFormat(LOCALES[language], { style: "currency", currency });
  return format.format(value).replaceAll("\u202f", "\u00a0");
}

/** `22/11/2026`, where the reader is. */
export function date(time: string | Date, language: Language): string {
  return dates(language).format(new Date(time));
}

/** `2026-11-22`, a day of the calendar, as `22/11/2026`; `short` as `22/11`. It is the same day wherever the reader is. */
export function calendarDay(day: string, language: Language, short = false): string {
  return (short ? shortDays : days)(language).format(new Date(`${day}T00:00:00Z`));
}

/** `22/11/2026 à 09:05`, where the reader is. */
export function dateTime(time: string | Date, language: Language): string {
  return `${date(time, language)} ${language === "fr" ? "à" : "at"} ${clocks(language).format(new Date(time))}`;
}

/** `il y a 3 minutes`; more than a week ago it is the date. */
export function ago(time: string, language: Language, now = Date.now()): string {
  const seconds = Math.round((new Date(time).getTime() - now) / 1000);
  const format = ages(language);
  const past = Math.abs(seconds);
  if (past < 60) return format.format(0, "second");
  if (past < 3600) return format.format(Math.trunc(seconds / 60), "minute");
  if (past < 86_400) return format.format(Math.trunc(seconds / 3600), "hour");
  if (past < 7 * 86_400) return format.format(Math.trunc(seconds / 86_400), "day");
  return dateTime(time, language);
}

interface Named {
  email: string;
  first_name: string;
  last_name: string;
}

/** First and last name, or the e-mail of somebody without either. */
export function fullName(person: Named): string {
  return `${person.first_name} ${person.last_name}`.trim() || person.email;
}

/** `AD` for Awa Diop. */
export function initials(person: Named): string {
  const letters = [person.first_name, person.last_name].map((name) => [...name.trim()][0] ?? "").join("");
  return (letters || ([...person.email][0] ?? "?")).toUpperCase();
}
