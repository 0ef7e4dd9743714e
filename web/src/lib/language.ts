import { useSyncExternalStore } from "react";
import { typesetAll } from "./typeset";

/** What people read, and what the API is asked to answer in. */
export type Language = "fr" | "en";

const KEY = "language";
const listeners = new Set<() => void>();

let current: Language = stored() ?? preferred();

function stored(): Language | undefined {
  const value = localStorage.getItem(KEY);
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

/** Changes the language here and in every other tab, for good. */
export function setLanguage(next: Language) {
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
