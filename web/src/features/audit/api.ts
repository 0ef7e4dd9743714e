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

/** Who did something, for their name. The record outlives the account: there may be nobody. */
export const actorQuery = (id: number) =>
  queryOptions({
    queryKey: ["users", "actor", id],
    queryFn: ({ signal }) => api.get<User>(`/users/${id}/`, {}, signal),
    staleTime: 60_000,
    retry: false,
  });
