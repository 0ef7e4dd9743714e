import { useCallback, useRef, useState } from "react";
import type { Write } from "../api/client";

/** After this long the person is told that the request is still under way. */
const SLOW_MS = 5_000;

export interface Attempt {
  /** What was sent, as text. */
  body: string;
  write: Write;
}

interface State {
  isBusy: boolean;
  /** Whether the request takes longer than usual. */
  isSlow: boolean;
  /** What the last attempt threw. */
  error?: unknown;
}

/**
 * The attempts of one form to send what it holds, one at a time. As long as the body is the same, they are attempts at
 * the same write: with the same idempotency key, and knowing that an earlier one may have been carried out.
 */
export function useAttempt(found?: Attempt) {
  const latest = useRef(found);
  const isBusy = useRef(false);
  const controller = useRef<AbortController>(null);
  const [state, setState] = useState<State>({ isBusy: false, isSlow: false });

  const run = useCallback(
    async (body: unknown, version: string | undefined, send: (write: Write) => Promise<void>) => {
      if (isBusy.current) return;
      isBusy.current = true;
      controller.current = new AbortController();
      const text = JSON.stringify(body);
      const write =
        latest.current?.body === text ? latest.current.write : { key: crypto.randomUUID(), version };
      write.signal = controller.current.signal;
      latest.current = { body: text, write };
      setState({ isBusy: true, isSlow: false });
      const slow = setTimeout(() => setState({ isBusy: true, isSlow: true }), SLOW_MS);
      let next: State = { isBusy: false, isSlow: false };
      try {
        await send(write);
        latest.current = undefined;
      } catch (error) {
        next = { ...next, error };
        throw error;
      } finally {
        clearTimeout(slow);
        isBusy.current = false;
        setState(next);
      }
    },
    [],
  );

  return {
    ...state,
    error: state.error,
    /** The last attempt that failed, or is under way. */
    latest: useCallback(() => latest.current, []),
    forget: useCallback(() => {
      latest.current = undefined;
    }, []),
    /** Whether a request is under way, read at any moment. */
    isRunning: useCallback(() => isBusy.current, []),
    run,
    cancel: useCallback(() => controller.current?.abort(), []),
  };
}
