import { expect, test } from "vitest";
import type { Message, Person } from "../../api/schema";
import { conversations, isShort } from "./conversations";

const ME = 1;

function person(id: number): Person {
  return { id, email: `${id}@example.sn`, first_name: "", last_name: "" };
}

function message(from: number, to: number, minute: number, read = true): Message {
  const created_at = `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`;
  return {
    id: minute,
    sender: person(from),
    sender_id: from,
    recipient: person(to),
    recipient_id: to,
    content: "",
    is_read: read,
    read_at: null,
    created_at,
    updated_at: created_at,
  };
}

test("each person once, with the newest of both ways, newest first", () => {
  const inbox = { messages: [message(2, ME, 30), message(3, ME, 20), message(2, ME, 5, false)], more: false };
  const sent = { messages: [message(ME, 3, 40), message(ME, 2, 10)], more: false };
  const found = conversations([inbox, sent], ME);
  expect(found.map(({ person, newest, unread }) => [person.id, newest.id, unread])).toEqual([
    [3, 40, false],
    [2, 30, true],
  ]);
});

test("what I sent and they have not read is not unread for me", () => {
  const sent = { messages: [message(ME, 2, 1, false)], more: false };
  expect(conversations([sent], ME)[0]?.unread).toBe(false);
});

test("nobody is listed by a message that may not be their newest", () => {
  const inbox = { messages: [message(2, ME, 30), message(3, ME, 20)], more: true };
  const sent = { messages: [message(ME, 4, 25), message(ME, 5, 10)], more: false };
  const boxes = [inbox, sent];
  expect(conversations(boxes, ME).map(({ person }) => person.id)).toEqual([2, 4, 3]);
  expect(boxes.map((box) => isShort(box, boxes))).toEqual([true, false]);
});
