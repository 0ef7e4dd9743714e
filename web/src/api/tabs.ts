import type { Session } from "./session";

/** What tabs tell each other about a session that is not kept. The browser stores none of it. */
export type Message =
  /** A new tab has no session. */
  | { kind: "ask" }
  /** A tab has this one: since just now, or as it was, for those who asked or have an older state of the same. */
  | { kind: "session"; session: Session; isNew: boolean }
  /** The session of this refresh token is over, `onPurpose` or not. */
  | { kind: "over"; refresh: string; onPurpose: boolean };

// A browser without channels has a session in each tab, as long as it is not kept.
const channel = "BroadcastChannel" in window ? new BroadcastChannel("session") : undefined;

export const canAsk = channel !== undefined;

export function tell(message: Message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
  channel?.postMessage(message);
}

export function onTold(listener: (message: Message) => void) {
  channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => listener(data));
}
