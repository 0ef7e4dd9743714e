import { useCallback, useEffect, useMemo } from "react";
import { useLocation, useSearchParams } from "react-router";

/** What a list shows, all of it in the address: it can be shared, kept, and gone back to. */
export interface ListParams {
  /** From 1 on. */
  page: number;
  /** Everything but the page, as it is in the address. */
  get: (name: string) => string;
  /** What the API is asked, with the names that it takes. */
  query: Record<string, string>;
  /**
   * Changes filters and leads to the first page. An empty value is no filter. It is a step of the history, unless it
   * goes on with the one before.
   */
  set: (changes: Record<string, string | undefined>, options?: { replace: boolean }) => void;
  setPage: (page: number) => void;
  /** Without any filter: in the same order, and looked at in the same way. */
  clear: () => void;
  /** Whether anything is filtered or searched for. */
  isFiltered: boolean;
}

/** What each list showed last, by its path. */
const lastSearches = new Map<string, string>();

/** The address of a list as it was left: with its filters, and on the same page. */
export function lastOf(path: string): string {
  return path + (lastSearches.get(path) ?? "");
}

/**
 * The state of a list in the address. `names` are the parameters that the API takes, besides `page`, `search` and
 * `ordering`. They must not change between renders.
 */
export function useListParams(names: readonly string[]): ListParams {
  const [params, setParams] = useSearchParams();
  const { pathname, search } = useLocation();
  useEffect(() => {
    lastSearches.set(pathname, search);
  }, [pathname, search]);

  const set = useCallback(
    (changes: Record<string, string | undefined>, { replace } = { replace: false }) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          next.delete("page");
          for (const [name, value] of Object.entries(changes)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace, preventScrollReset: true },
      );
    },
    [setParams],
  );

  const setPage = useCallback(
    (page: number) => {
      setParams((before) => {
        const next = new URLSearchParams(before);
        if (page > 1) next.set("page", String(page));
        else next.delete("page");
        return next;
      });
    },
    [setParams],
  );

  const clear = useCallback(
    () => set(Object.fromEntries([...names, "search"].map((name) => [name, undefined]))),
    [set, names],
  );

  return useMemo(() => {
    const asked = Number(params.get("page"));
    const page = Number.isSafeInteger(asked) && asked > 0 ? asked : 1;
    const query: Record<string, string> = {};
    for (const name of [...names, "search", "ordering"]) {
      const value = params.get(name);
      if (value) query[name] = value;
    }
    const isFiltered = [...names, "search"].some((name) => params.get(name));
    const get = (name: string) => params.get(name) ?? "";
    return { page, query: { ...query, page: String(page) }, get, set, setPage, clear, isFiltered };
  }, [params, names, set, setPage, clear]);
}
