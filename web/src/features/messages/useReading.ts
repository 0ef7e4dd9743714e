import { useEffect, useState } from "react";
import type { Message } from "../../api/schema";
import { useUser } from "../../api/session";
import { useMarkRead } from "./api";

/**
 * Marks read what is on the screen, and what came before it. Answers the message that came last since the conversation
 * was opened. `isMore` is whether earlier messages are not loaded; unknown until the first are.
 */
export function useReading(
  person: string,
  messages: readonly Message[],
  isMore: boolean | undefined,
): Message | undefined {
  const reader = useUser();
  const { mutate, isPending } = useMarkRead();
  const received = messages.filter((message) => message.recipient_id === reader.id);
  const unread = received.filter((message) => !message.is_read).map((message) => message.id);
  const key = unread.join();
  const [hasRead, setHasRead] = useState(false);
  const isBehind = isMore === true && !hasRead;
  useEffect(() => {
    if (isPending || (!key && !isBehind)) return;
    mutate(
      { person, ids: key ? key.split(",").map(Number) : [], isMore: isBehind },
      { onSuccess: () => setHasRead(true) },
    );
    // Once for the same messages: where it failed, it is tried again when the next one comes.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key, isBehind, mutate]);

  const newest = received.at(-1);
  const [first, setFirst] = useState<number>();
  if (first === undefined && messages.length > 0) setFirst(newest?.id ?? 0);
  return first !== undefined && newest && newest.id > first ? newest : undefined;
}
