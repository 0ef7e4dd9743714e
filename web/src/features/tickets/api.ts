import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, type Page, type Versioned, type Write } from "../../api/client";
import { ApiError } from "../../api/error";
import type { Comment, NewTicket, PartialTicketChanges, Ticket } from "../../api/schema";

const POLL_MS = 30_000;

export const ticketsQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["tickets", "list", query],
    queryFn: ({ signal }) => {
      const number = /^#(\d+)$/.exec(query.search ?? "")?.[1];
      return number ? numbered(number, signal) : api.get<Page<Ticket>>("/tickets/", query, signal);
    },
    placeholderData: keepPreviousData,
  });

/** The ticket of that number as a list: the API searches texts only. */
async function numbered(number: string, signal: AbortSignal): Promise<Page<Ticket>> {
  const found = await api.get<Ticket>(`/tickets/${number}/`, {}, signal).catch((error: unknown) => {
    if (error instanceof ApiError && error.kind === "missing") return undefined;
    throw error;
  });
  return { count: found ? 1 : 0, next: null, previous: null, results: found ? [found] : [] };
}

export const ticketQuery = (id: string) =>
  queryOptions({
    queryKey: ["tickets", "one", id],
    queryFn: ({ signal }) => api.find<Ticket>(`/tickets/${id}/`, signal),
    refetchInterval: POLL_MS,
  });

/** Oldest first, so that what is written later changes no page but the last. */
export const threadQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["tickets", "thread", id],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Comment>>(`/tickets/${id}/comments/`, { page: pageParam, page_size: 50 }, signal),
    initialPageParam: 1,
    getNextPageParam: (page, _, number) => (page.next ? number + 1 : undefined),
    refetchInterval: POLL_MS,
  });

/** Whatever changes a ticket changes the lists, its thread and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["tickets"] }),
      client.invalidateQueries({ queryKey: ["dashboard"] }),
    ]);
}

export function useCreateTicket() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ ticket, write }: { ticket: NewTicket; write: Write }) =>
      api.create<Ticket>("/tickets/", ticket, write),
    onSuccess: refetch,
  });
}

/** Whether the ticket is another than the screen shows. */
function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === "changed" || error.kind === "conflict");
}

interface Change {
  changes: PartialTicketChanges;
  write: Write;
}

export function useUpdateTicket(id: number) {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ changes, write }: Change) => api.patch<Ticket>(`/tickets/${id}/`, changes, write),
    onSuccess: (ticket) => {
      client.setQueryData(ticketQuery(String(id)).queryKey, ticket);
      return refetch();
    },
    onError: (error) => (isOutdated(error) ? refetch() : undefined),
  });
}

export function useDeleteTicket() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/tickets/${id}/`),
    // The ticket's own page is still there, and must not ask for what is gone.
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["tickets", "list"] }),
        client.invalidateQueries({ queryKey: ["dashboard"] }),
      ]),
    onError: (error) => (isOutdated(error) ? refetch() : undefined),
  });
}

export function useAddComment(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ content, write }: { content: string; write: Write }) =>
      api.create<Comment>(`/tickets/${id}/comments/`, { content }, write),
    // The page keeps the row by itself; asking again at once would cancel a page that is being loaded.
    onSuccess: () => client.invalidateQueries({ queryKey: threadQuery(id).queryKey, refetchType: "none" }),
  });
}

export type VersionedTicket = Versioned<Ticket>;
