import { useSyncExternalStore } from "react";
import { typesetAll } from "./typeset";

/** What people read, and what the API is asked to answer in. */
export type Language = "fr" | "en";

const KEY = "language";
/** What was chosen here and is not known to be the account's yet. */
const CHOSEN_KEY = "language-chosen";
const listeners = new Set<() => void>();

let current: Language = stored() ?? preferred();

function stored(key = KEY): Language | undefined {
  const value = localStorage.getItem(key);
  return value === "fr" || value === "en" ? value : undefined;
}

/** French, unless the browser asks for English before it asks for French. */
function preferred(): Language {
  const first = navigator.languages.find((language) => /^(fr|en)\b/.test(language));
  return first?.startsWith("en") ? "en" : "fr";
}

function show(language: Language) {
  current = language;
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

document.documentElement.lang = current;
window.addEventListener("storage", (event) => {
  if (event.key === KEY) show(stored() ?? preferred());
});

export function language(): Language {
  return current;
}

/** Changes the language here and in every other tab. Once somebody is signed in, it becomes their account's as well. */
export function setLanguage(next: Language) {
  localStorage.setItem(CHOSEN_KEY, next);
  become(next);
}

/** The choice that the account does not have yet. */
export function chosenLanguage(): Language | undefined {
  return stored(CHOSEN_KEY);
}

/** Makes the language of the account that of the application, in every tab. */
export function takeLanguage(next: Language) {
  localStorage.removeItem(CHOSEN_KEY);
  become(next);
}

function become(next: Language) {
  if (next === current) return;
  localStorage.setItem(KEY, next);
  show(next);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, language);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The words of a screen, the same ones in both languages. A word that needs a figure or a name is a function. */
export type Words<T> = Record<Language, T>;

/** Has the compiler check that English says everything that French says. */
export function words<T>(fr: T, en: NoInfer<T>): Words<T> {
  return { fr: typesetAll(fr), en };
}

export function useWords<T>(all: Words<T>): T {
  return all[useLanguage()];
}
