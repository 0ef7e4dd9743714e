import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, type Page } from "../api/client";
import type { Suppression } from "../api/schema";

/** As many as the API gives at once. */
const NEWEST = { page_size: 100, ordering: "-created_at" };

const suppressionQuery = (recipient: string) =>
  queryOptions({
    queryKey: ["emails", "suppressions", "of", recipient],
    queryFn: ({ signal }) => api.get<Page<Suppression>>("/emails/suppressions/", { recipient }, signal),
    select: ({ results }) => results[0],
  });

const newestQuery = queryOptions({
  queryKey: ["emails", "suppressions", "newest"],
  queryFn: ({ signal }) => api.get<Page<Suppression>>("/emails/suppressions/", NEWEST, signal),
});

/** Why nothing is sent to an address, where that is so. For administrators. */
export function useSuppression(recipient: string | undefined): Suppression | undefined {
  return useQuery({ ...suppressionQuery(recipient ?? ""), enabled: recipient !== undefined }).data;
}

/**
 * Tells whether an address of a list is blocked, for administrators. It knows the last hundred that were blocked, in one
 * request for the whole list; {@link useSuppression} knows them all.
 */
export function useIsBlocked(): (address: string) => boolean {
  const { data } = useQuery(newestQuery);
  const blocked = new Set(data?.results.map(({ recipient }) => recipient.toLowerCase()));
  return (address) => blocked.has(address.toLowerCase());
}
