import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Write } from "../../api/client";
import type { Email, EmailChanges, Suppression } from "../../api/schema";
import { failureOf } from "./failure";

/** How often one looks again while something is under way; nobody looks at a hidden page. */
const WATCH_MS = 10_000;

const underWay = ({ status }: Email) => status === "pending" || status === "sending";

/** A link that has expired leads nowhere, however often it is sent. */
export const canRetry = ({ status, last_error: reason }: Email) =>
  status === "cancelled" || (status === "failed" && failureOf(reason) !== "expired");
export const canCancel = ({ status }: Email) => status === "pending";
export const canDelete = ({ status }: Email) => status !== "sending";

export const emailsQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["emails", "list", query],
    queryFn: ({ signal }) => api.get<Page<Email>>("/emails/", query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.results.some(underWay) ? WATCH_MS : false),
  });

export const emailQuery = (id: string) =>
  queryOptions({
    queryKey: ["emails", "one", id],
    queryFn: ({ signal }) => api.get<Email>(`/emails/${id}/`, {}, signal),
    refetchInterval: ({ state }) => (state.data && underWay(state.data) ? WATCH_MS : false),
  });

export const suppressionsQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["emails", "suppressions", query],
    queryFn: ({ signal }) => api.get<Page<Suppression>>("/emails/suppressions/", query, signal),
    placeholderData: keepPreviousData,
  });

/** Whatever changes the queue changes its lists and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["emails"] }),
      client.invalidateQueries({ queryKey: ["dashboard"] }),
    ]);
}

export function useSendEmail() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ email, write }: { email: EmailChanges; write: Write }) =>
      api.create<Email>("/emails/", email, write),
    onSuccess: refetch,
  });
}

export type Act = "retry" | "cancel";

export function useActOnEmail() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ id, act }: { id: number; act: Act }) => api.post<Email>(`/emails/${id}/${act}/`),
    // Where it was refused, too: what is shown is out of date.
    onSettled: refetch,
  });
}

export function useDeleteEmail() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/emails/${id}/`),
    onSuccess: async (_, id) => {
      // Its own screen is still there for a moment, and must not ask for it again.
      client.removeQueries({ queryKey: ["emails", "one", String(id)], type: "inactive" });
      await client.invalidateQueries({ queryKey: ["emails", "list"] });
      await client.invalidateQueries({ queryKey: ["dashboard"] });
    },
    onError: refetch,
  });
}

export function useLiftSuppression() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/emails/suppressions/${id}/`),
    onSettled: refetch,
  });
}
