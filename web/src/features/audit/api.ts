import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, type Page } from "../../api/client";
import type { AuditEvent, User } from "../../api/schema";

export const auditQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["audit", query],
    queryFn: ({ signal }) => api.get<Page<AuditEvent>>("/audit/", query, signal),
    placeholderData: keepPreviousData,
    // Whatever happens anywhere writes to it.
    staleTime: 0,
  });

/**
 * Who did something, for their name. The record outlives the account, so that there may be nobody: hence a search, which
 * finds nothing, rather than a request for a row, which fails.
 */
export const actorQuery = (id: number, email: string) =>
  queryOptions({
    queryKey: ["users", "actor", id, email],
    queryFn: async ({ signal }) => {
      const { results } = await api.get<Page<User>>("/users/", { search: email }, signal);
      return results.find((user) => user.id === id) ?? null;
    },
    staleTime: 60_000,
  });
