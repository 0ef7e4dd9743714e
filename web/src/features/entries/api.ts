import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Write } from "../../api/client";
import type { Entry, Form } from "../../api/schema";

export const formsQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["entries", "forms", query],
    queryFn: ({ signal }) => api.get<Page<Form>>("/forms/", query, signal),
    placeholderData: keepPreviousData,
  });

export const formQuery = (id: string) =>
  queryOptions({
    queryKey: ["entries", "form", id],
    queryFn: ({ signal }) => api.get<Form>(`/forms/${id}/`, {}, signal),
  });

export const entriesQuery = (form: string, query: Record<string, string>) =>
  queryOptions({
    queryKey: ["entries", "list", form, query],
    queryFn: ({ signal }) => api.get<Page<Entry>>("/entries/", { ...query, form }, signal),
    placeholderData: keepPreviousData,
  });

export const entryQuery = (id: string) =>
  queryOptions({
    queryKey: ["entries", "one", id],
    queryFn: ({ signal }) => api.find<Entry>(`/entries/${id}/`, signal),
  });

/** Whatever changes an entry changes its lists, the counts of the forms and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [["entries"], ["forms"], ["dashboard"]].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
}

export function useUpdateEntry(id: number) {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ data, write }: { data: Record<string, unknown>; write: Write }) =>
      api.patch<Entry>(`/entries/${id}/`, { data }, write),
    onSuccess: refetch,
  });
}

export function useDeleteEntry() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/entries/${id}/`),
    onSuccess: async (_, id) => {
      client.removeQueries({ queryKey: ["entries", "one", String(id)] });
      await refetch();
    },
  });
}
