/** A form that was begun and not saved. */
export interface Draft<V> {
  values: V;
  /** The version of the row that the values are changes of. */
  version?: string | undefined;
  /** The last attempt to save. Its outcome is unknown: the page may have been reloaded meanwhile. */
  attempt?: { body: string; key: string } | undefined;
}

export interface DraftStore<V> {
  read: () => Draft<V> | undefined;
  write: (draft: Draft<V>) => void;
  clear: () => void;
}

/**
 * Keeps the draft of one form in this tab, for the person who typed it. It outlives a reload and signing out, and ends
 * with the tab, so that a computer that people share keeps nothing.
 */
export function draftStore<V>(owner: number | undefined, name: string): DraftStore<V> {
  const key = `draft ${owner ?? "guest"} ${name}`;
  return {
    read: () => parse<V>(sessionStorage.getItem(key)),
    write: (draft) => {
      // A photo may be more than the browser keeps. The rest of the draft is worth keeping without it.
      for (const text of [JSON.stringify(draft), JSON.stringify(draft, withoutUploads)]) {
        try {
          sessionStorage.setItem(key, text);
          return;
        } catch {
          sessionStorage.removeItem(key);
        }
      }
    },
    clear: () => sessionStorage.removeItem(key),
  };
}

function withoutUploads(name: string, value: unknown): unknown {
  if (name === "attempt") return undefined;
  return typeof value === "string" && value.startsWith("data:") ? undefined : value;
}

function parse<V>(text: string | null): Draft<V> | undefined {
  if (!text) return undefined;
  try {
    const draft: unknown = JSON.parse(text);
    return typeof draft === "object" && draft !== null && "values" in draft ? (draft as Draft<V>) : undefined;
  } catch {
    return undefined;
  }
}
