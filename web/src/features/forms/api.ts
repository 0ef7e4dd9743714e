import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Versioned, type Write } from "../../api/client";
import type { Form, FormChanges, PublicForm, Submitted } from "../../api/schema";

export const formsQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["forms", "list", query],
    queryFn: ({ signal }) => api.get<Page<Form>>("/forms/", query, signal),
    placeholderData: keepPreviousData,
  });

export const formQuery = (id: string) =>
  queryOptions({
    queryKey: ["forms", "one", id],
    queryFn: ({ signal }) => api.find<Form>(`/forms/${id}/`, signal),
  });

export const publicFormQuery = (id: string) =>
  queryOptions({
    queryKey: ["forms", "public", id],
    queryFn: async ({ signal }) => {
      const path = `/public/forms/${encodeURIComponent(id)}/`;
      return (await api.send<PublicForm>({ url: path, signal, anonymous: true })).data;
    },
  });

/** Whatever changes a form changes its lists, its entries' screens and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [["forms"], ["entries"], ["dashboard"]].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
}

export function useCreateForm() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ form, write }: { form: FormChanges; write: Write }) =>
      api.create<Form>("/forms/", form, write),
    onSuccess: refetch,
  });
}

export function useUpdateForm(id: number) {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ changes, write }: { changes: Partial<FormChanges>; write: Write }) =>
      api.patch<Form>(`/forms/${id}/`, changes, write),
    onSuccess: refetch,
  });
}

/** Opens a form to answers or closes it: shown at once, and taken back where that fails. */
export function useSetActive() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ form, active }: { form: Form; active: boolean }) =>
      api.patch<Form>(`/forms/${form.id}/`, { is_active: active }),
    onMutate: async ({ form, active }) => {
      const lists = { queryKey: ["forms", "list"] };
      await client.cancelQueries(lists);
      const before = client.getQueriesData<Page<Form>>(lists);
      client.setQueriesData<Page<Form>>(lists, (page) => {
        if (!page) return undefined;
        const results = page.results.map((row) => (row.id === form.id ? { ...row, is_active: active } : row));
        return { ...page, results };
      });
      return before;
    },
    onError: (_, __, before) => {
      for (const [key, page] of before ?? []) client.setQueryData(key, page);
    },
    onSettled: refetch,
  });
}

export function useDeleteForm() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/forms/${id}/`),
    onSuccess: async (_, id) => {
      client.removeQueries({ queryKey: ["forms", "one", String(id)] });
      await refetch();
    },
  });
}

interface NewAnswer {
  data: Record<string, unknown>;
  website: string;
}

export function useSubmit(id: number) {
  return useMutation({
    mutationFn: async ({ answer, write }: { answer: NewAnswer; write: Write }) => {
      const path = `/public/forms/${id}/entries/`;
      return (await api.create<Submitted>(path, answer, write, { anonymous: true })).row;
    },
  });
}

export type VersionedForm = Versioned<Form>;
