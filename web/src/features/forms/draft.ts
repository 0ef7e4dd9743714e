import type { Answer } from "../../lib/answers";
import type { FormField } from "../../lib/formFields";

/** What is typed into a public form, until it is sent or the tab is closed. By name, since the form may change. */
export interface Draft {
  read: (fields: readonly FormField[]) => (Answer | undefined)[];
  write: (fields: readonly FormField[], answers: readonly Answer[]) => void;
  clear: () => void;
}

export function draftOf(form: number): Draft {
  const key = `form-${form}`;
  return {
    read: (fields) => {
      const kept = parse(sessionStorage.getItem(key));
      return fields.map(({ name, type }) => fitting(type, kept[name]));
    },
    write: (fields, answers) => {
      const kept = Object.fromEntries(fields.map(({ name }, index) => [name, answers[index]]));
      try {
        sessionStorage.setItem(key, JSON.stringify(kept));
      } catch {
        // More than the browser keeps: what is typed is still in the page.
      }
    },
    clear: () => sessionStorage.removeItem(key),
  };
}

function parse(text: string | null): Record<string, unknown> {
  try {
    return (JSON.parse(text ?? "{}") ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function fitting(type: FormField["type"], value: unknown): Answer | undefined {
  if (type === "boolean") return typeof value === "boolean" ? value : undefined;
  if (type === "multiselect") return Array.isArray(value) ? value.map(String) : undefined;
  return typeof value === "string" ? value : undefined;
}
