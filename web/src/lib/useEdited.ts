import { type QueryKey, useQuery, type UseQueryOptions } from "@tanstack/react-query";
import { useState } from "react";

/** Where rows that are being edited are kept: nothing that changes elsewhere may touch them. */
export const EDITED = "edited";

/**
 * A row to be edited: read once, and again only when asked to, so that nobody's typing is overwritten from behind. A
 * form of it belongs to one `attempt`, and begins anew with the next.
 */
export function useEdited<T, K extends QueryKey>(options: UseQueryOptions<T, Error, T, K>) {
  // Under another key it is the same question.
  const { queryKey, queryFn } = options as unknown as UseQueryOptions<T>;
  const query = useQuery({ queryFn, queryKey: [EDITED, ...queryKey], staleTime: Infinity, gcTime: 0 });
  const [attempt, setAttempt] = useState(0);
  const reload = async () => {
    await query.refetch();
    setAttempt((before) => before + 1);
  };
  return { query, attempt, reload: () => void reload() };
}
