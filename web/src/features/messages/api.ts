import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, type Page, type Write } from "../../api/client";
import type { Message, NewMessage, Person, User } from "../../api/schema";

type Thread = InfiniteData<Page<Message>>;
export type Box = "inbox" | "sent";

const POLL_MS = 15_000;

/** Messages that came or went, newest first. What they add up to is in `conversations.ts`. */
export const boxQuery = (box: Box, search: string) =>
  infiniteQueryOptions({
    queryKey: ["messages", "box", box, search],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Message>>("/messages/", { box, search, page: pageParam, page_size: 100 }, signal),
    initialPageParam: 1,
    getNextPageParam: (page, _, number) => (page.next ? number + 1 : undefined),
    refetchInterval: 2 * POLL_MS,
    placeholderData: keepPreviousData,
  });

/** The messages with one person, newest first. */
export const threadQuery = (person: string, search: string) =>
  infiniteQueryOptions({
    queryKey: ["messages", "with", person, search],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Message>>("/messages/", { with: person, search, page: pageParam, page_size: 50 }, signal),
    initialPageParam: 1,
    getNextPageParam: (page, _, number) => (page.next ? number + 1 : undefined),
    refetchInterval: POLL_MS,
  });

export const directoryQuery = (search: string) =>
  queryOptions({
    queryKey: ["directory", search],
    queryFn: ({ signal }) =>
      api.get<Page<Person>>("/users/directory/", { search, page_size: 20, ordering: "first_name" }, signal),
    placeholderData: keepPreviousData,
  });

/** Somebody with whom there is no message yet. Only an administrator can ask for one person; others look them up. */
export const strangerQuery = (id: string, isAdmin: boolean) =>
  queryOptions({
    queryKey: ["directory", "one", id, isAdmin],
    queryFn: async ({ signal }): Promise<Person | null> => {
      if (isAdmin) return api.get<User>(`/users/${id}/`, {}, signal);
      return lookUp(Number(id), signal);
    },
  });

const PEOPLE = 100;

/** Finds somebody in the directory, which is in the order of its numbers, by halves. */
async function lookUp(id: number, signal: AbortSignal): Promise<Person | null> {
  let [first, last] = [1, 1];
  let isCounted = false;
  while (first <= last) {
    const page = Math.floor((first + last) / 2);
    const params = { page, page_size: PEOPLE, ordering: "id" };
    const { count, results } = await api.get<Page<Person>>("/users/directory/", params, signal);
    const found = results.find((person) => person.id === id);
    if (found) return found;
    if (!isCounted) last = Math.ceil(count / PEOPLE);
    isCounted = true;
    if (id < (results[0]?.id ?? 0)) last = page - 1;
    else first = page + 1;
  }
  return null;
}

/** Whatever happens to a message changes both boxes, its thread, the badge and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  const ask = (queryKey: string[]) => client.invalidateQueries({ queryKey }, { cancelRefetch: false });
  return async () => {
    // Earlier messages that are being loaded are waited for; what they came with is older than the change.
    const isLoading = client.isFetching({ queryKey: ["messages"] }) > 0;
    await Promise.all([ask(["messages"]), ask(["dashboard"])]);
    if (isLoading) await ask(["messages"]);
  };
}

export function useSend() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ message, write }: { message: NewMessage; write: Write }) =>
      api.create<Message>("/messages/", message, write),
    onSuccess: () => void refetch(),
  });
}

/** How many are marked read at a time. */
const AT_ONCE = 10;

interface Reading {
  /** Whose messages are read. */
  person: string;
  /** Those that are here. */
  ids: readonly number[];
  /** Whether there may be more that are not loaded. */
  isMore: boolean;
}

export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ person, ids, isMore }: Reading) => {
      await mark(ids);
      if (!isMore) return;
      const unread = { box: "inbox", with: person, is_read: false, page_size: 100 };
      for (let left = true; left;) {
        // The first page each time: what is marked is no longer in it.
        const { next, results } = await api.get<Page<Message>>("/messages/", unread);
        await mark(results.map(({ id }) => id));
        left = next !== null && results.length > 0;
      }
    },
    // Noted here and not asked for again: that would cancel the loading of earlier messages.
    onSuccess: (_, { person }) => {
      for (const queryKey of [
        ["messages", "with", person],
        ["messages", "box", "inbox"],
      ]) {
        client.setQueriesData<Thread>({ queryKey }, (thread) => thread && noted(thread, Number(person)));
      }
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["messages", "unread"] }),
        client.invalidateQueries({ queryKey: ["dashboard"] }),
      ]),
  });
}

async function mark(ids: readonly number[]) {
  for (let done = 0; done < ids.length; done += AT_ONCE) {
    await Promise.all(
      ids.slice(done, done + AT_ONCE).map((id) => api.post<Message>(`/messages/${id}/read/`)),
    );
  }
}

/** Everything that this person sent is read. */
function noted(thread: Thread, sender: number): Thread {
  const pages = thread.pages.map((page) => ({
    ...page,
    results: page.results.map((message) =>
      message.sender_id === sender ? { ...message, is_read: true } : message,
    ),
  }));
  return { ...thread, pages };
}

export function useHideMessage() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/messages/${id}/`),
    onSuccess: () => void refetch(),
  });
}
