import { useEffect, useState } from "react";
import type { Message } from "../../api/schema";
import { useUser } from "../../api/session";
import { useMarkRead } from "./api";

/** Marks read what is on the screen. Answers the message that came last since the conversation was opened. */
export function useReading(messages: readonly Message[]): Message | undefined {
  const reader = useUser();
  const { mutate, isPending } = useMarkRead();
  const received = messages.filter((message) => message.recipient_id === reader.id);
  const unread = received.filter((message) => !message.is_read).map((message) => message.id);
  const key = unread.join();
  useEffect(() => {
    if (key && !isPending) mutate(key.split(",").map(Number));
    // Once for the same messages: where it failed, it is tried again when the next one comes.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key, mutate]);

  const newest = received.at(-1);
  const [first, setFirst] = useState<number>();
  if (first === undefined && messages.length > 0) setFirst(newest?.id ?? 0);
  return first !== undefined && newest && newest.id > first ? newest : undefined;
}
