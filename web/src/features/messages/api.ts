import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, type Page } from "../../api/client";
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

/** Somebody with whom there is no message yet. Only an administrator can ask for one person; others may look around. */
export const strangerQuery = (id: string, isAdmin: boolean) =>
  queryOptions({
    queryKey: ["directory", "one", id, isAdmin],
    queryFn: async ({ signal }): Promise<Person | null> => {
      if (isAdmin) return api.get<User>(`/users/${id}/`, {}, signal);
      const { results } = await api.get<Page<Person>>("/users/directory/", { page_size: 100 }, signal);
      return results.find((person) => String(person.id) === id) ?? null;
    },
  });

/** Whatever happens to a message changes both boxes, its thread, the badge and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["messages"] }),
      client.invalidateQueries({ queryKey: ["dashboard"] }),
    ]);
}

export function useSend() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (message: NewMessage) => api.create<Message>("/messages/", message),
    onSuccess: ({ row }) => {
      // What stands there for the while is replaced by the row without a gap.
      client.setQueryData(
        threadQuery(String(row.recipient_id), "").queryKey,
        (before) => before && first(before, row),
      );
      void refetch();
    },
  });
}

function first(thread: Thread, message: Message): Thread {
  const pages = thread.pages.map((page, index) =>
    index === 0 ? { ...page, count: page.count + 1, results: [message, ...page.results] } : page,
  );
  return { ...thread, pages };
}

export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: readonly number[]) =>
      Promise.all(ids.map((id) => api.post<Message>(`/messages/${id}/read/`))),
    // Noted here and not asked for again: that would cancel the loading of earlier messages.
    onSuccess: (_, ids) => {
      const read = new Set(ids);
      for (const queryKey of [
        ["messages", "with"],
        ["messages", "box"],
      ]) {
        client.setQueriesData<Thread>({ queryKey }, (thread) => thread && noted(thread, read));
      }
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["messages", "unread"] }),
        client.invalidateQueries({ queryKey: ["dashboard"] }),
      ]),
  });
}

function noted(thread: Thread, read: ReadonlySet<number>): Thread {
  const pages = thread.pages.map((page) => ({
    ...page,
    results: page.results.map((message) => (read.has(message.id) ? { ...message, is_read: true } : message)),
  }));
  return { ...thread, pages };
}

export function useHideMessage() {
  const refetch = useRefetch();
  return useMutation({ mutationFn: (id: number) => api.remove(`/messages/${id}/`), onSuccess: refetch });
}
