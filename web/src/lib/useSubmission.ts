import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import type { Write } from "../api/client";
import { useExplain } from "../api/explain";
import { toast } from "../ui/Toast";
import { draftStore } from "./drafts";
import { useWords, words } from "./language";
import type { Unsaved } from "./leaving";
import { GIVES_UP } from "./UnsavedGuard";
import { useAttempt } from "./useAttempt";

const text = words(
  {
    failed: (why: string) => `Votre saisie n'a pas été enregistrée. ${why}`,
    openAgain: "Rouvrir",
  },
  {
    failed: (why: string) => `What you typed was not saved. ${why}`,
    openAgain: "Open again",
  },
);

/** Long enough that a word is typed before the draft is stored. */
const PAUSE_MS = 250;

/** What came of a save. */
export interface Saved {
  /** Shown in a toast. */
  message?: string;
  /** Where to go, if the person is still on the form. */
  to?: string;
  /** Whether the form leaves the history. */
  isReplaced?: boolean;
  /** Whether something else was typed meanwhile, which is not saved. */
  isPartial?: boolean;
}

interface Options<V> {
  /** Names the form, and its row where it has one. */
  name: string;
  /** Whose draft it is; nobody's for a guest. */
  owner: number | undefined;
  /** The version of the row that is being changed. */
  version?: string | undefined;
  /** What is typed now, or nothing where that is what the form began with. */
  read: () => V | undefined;
}

/** What a form has typed into it and wants to save: its draft, its attempts, and the question before it is left. */
export function useSubmission<V>({ name, owner, version, read }: Options<V>) {
  const w = useWords(text);
  const explain = useExplain();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const store = useMemo(() => draftStore<V>(owner, name), [owner, name]);
  const [found] = useState(() => store.read());
  const begun = found?.attempt && {
    body: found.attempt.body,
    write: { key: found.attempt.key, version: found.version, isUncertain: true },
  };
  const { latest, isRunning, run, forget, ...attempt } = useAttempt(begun);
  // Read and written outside of renders.
  const present = useRef({
    read,
    version: found ? found.version : version,
    isMounted: false,
    isSaved: false,
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    present.current.read = read;
  }, [read]);

  // The row was changed by another part of the same screen.
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current !== version) present.current.version = version;
    seen.current = version;
  }, [version]);

  const keep = useCallback(() => {
    clearTimeout(timer.current);
    const { isSaved, version, read } = present.current;
    if (isSaved) return;
    const values = read();
    const { body = "", write } = latest() ?? {};
    if (values === undefined) store.clear();
    else store.write({ values, version, attempt: write?.key ? { body, key: write.key } : undefined });
  }, [store, latest]);

  useEffect(() => {
    const { current } = present;
    current.isMounted = true;
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
      current.isMounted = false;
    };
  }, [keep]);

  /** Tells that the values changed. */
  const touch = useCallback(() => {
    present.current.isSaved = false;
    clearTimeout(timer.current);
    timer.current = setTimeout(keep, PAUSE_MS);
  }, [keep]);

  /** Sends what `body` describes. What `save` throws is for `onError`, if the form is still there. */
  const submit = async (
    body: unknown,
    save: (write: Write) => Promise<Saved>,
    onError: (error: unknown) => void,
  ) => {
    const { current } = present;
    let saved: Saved = {};
    let version: string | undefined;
    try {
      await run(body, current.version, async (write) => {
        keep();
        try {
          saved = await save(write);
        } finally {
          version = write.version;
        }
      });
    } catch (error) {
      // A change of two requests may have failed after the first.
      current.version = version;
      if (current.isMounted) {
        keep();
        onError(error);
      } else {
        const openAgain = () => void navigate(pathname + search);
        toast.failed(w.failed(explain(error)), { label: w.openAgain, run: openAgain });
      }
      return;
    }
    Object.assign(current, { isSaved: !saved.isPartial, version });
    clearTimeout(timer.current);
    if (saved.isPartial) keep();
    else store.clear();
    if (saved.message) toast.done(saved.message);
    if (saved.to && current.isMounted)
      await navigate(saved.to, { state: GIVES_UP, replace: saved.isReplaced ?? false });
  };

  /** Forgets the draft. What is typed must be taken back by the form itself. */
  const discard = useCallback(() => {
    clearTimeout(timer.current);
    forget();
    const { current } = present;
    current.isSaved = true;
    if (found && current.version === found.version) current.version = version;
    store.clear();
  }, [store, forget, found, version]);

  const unsaved = useCallback((): Unsaved | undefined => {
    if (isRunning()) return "saving";
    const { isSaved, read } = present.current;
    return !isSaved && read() !== undefined ? "typed" : undefined;
  }, [isRunning]);

  return { ...attempt, restored: found?.values, touch, submit, discard, unsaved };
}
