import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Versioned, type Write } from "../../api/client";
import type { NewUser, PartialUserChanges, Ticket, User } from "../../api/schema";
import { remember, session } from "../../api/session";

export const usersQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["users", "list", query],
    queryFn: ({ signal }) => api.get<Page<User>>("/users/", query, signal),
    placeholderData: keepPreviousData,
  });

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ["users", "one", id],
    queryFn: ({ signal }) => api.find<User>(`/users/${id}/`, signal),
  });

/** How many tickets keep an account from being deleted. Messages do, too, but nobody else may count them. */
export const ticketCountQuery = (user: number) =>
  queryOptions({
    queryKey: ["users", "tickets", user],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Ticket>>("/tickets/", { user, page_size: 1 }, signal)).count,
    staleTime: 0,
  });

/** Whatever changes an account changes the lists and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["users"] }),
      client.invalidateQueries({ queryKey: ["dashboard"] }),
    ]);
}

export function useCreateUser() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ user, write }: { user: NewUser; write: Write }) =>
      api.create<User>("/users/", user, write),
    onSuccess: refetch,
  });
}

interface Update {
  id: number;
  changes: PartialUserChanges;
  write?: Write;
}

export function useUpdateUser() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: ({ id, changes, write }: Update) => api.patch<User>(`/users/${id}/`, changes, write),
    onSuccess: async ({ row }) => {
      if (row.id === session()?.user.id) remember(row);
      await refetch();
    },
  });
}

export function useDeleteUser() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/users/${id}/`),
    onSuccess: async (_, id) => {
      client.removeQueries({ queryKey: ["users", "one", String(id)] });
      await refetch();
    },
  });
}

export type VersionedUser = Versioned<User>;
