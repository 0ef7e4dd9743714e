import type { Message, Person } from "../../api/schema";

export interface Conversation {
  person: Person;
  newest: Message;
  /** Whether something of theirs waits to be read. */
  unread: boolean;
}

/** What is loaded of the inbox or of what was sent: newest first, and whether older ones follow. */
export interface Loaded {
  messages: readonly Message[];
  more: boolean;
}

/** The one of the two who is not the reader. */
export function other(message: Message, reader: number): Person {
  return message.sender_id === reader ? message.recipient : message.sender;
}

function byTime(a: Message, b: Message): number {
  return b.created_at.localeCompare(a.created_at) || b.id - a.id;
}

/**
 * The newest message with each person. Where only a part is loaded, the list ends at the time from which on everything
 * is known: beyond it, what seems the newest may not be.
 */
export function conversations(boxes: readonly Loaded[], reader: number): Conversation[] {
  const horizon = end(boxes);
  const found = new Map<number, Conversation>();
  for (const message of boxes.flatMap(({ messages }) => messages).toSorted(byTime)) {
    const person = other(message, reader);
    const unread = message.recipient_id === reader && !message.is_read;
    const known = found.get(person.id);
    if (known) known.unread ||= unread;
    else if (message.created_at >= horizon) found.set(person.id, { person, newest: message, unread });
  }
  return [...found.values()];
}

/** The time from which on everything is known, of all boxes. */
function end(boxes: readonly Loaded[]): string {
  return boxes.map(oldest).toSorted().at(-1) ?? "";
}

function oldest({ messages, more }: Loaded): string {
  return more ? (messages.at(-1)?.created_at ?? "") : "";
}

/** Whether this box is what the list ends for, so that it is the one to load more of. */
export function isShort(box: Loaded, boxes: readonly Loaded[]): boolean {
  return box.more && oldest(box) === end(boxes);
}
