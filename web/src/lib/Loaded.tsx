import type { ReactNode } from "react";
import { ApiError } from "../api/error";
import { useExplain } from "../api/explain";
import { ErrorState } from "../ui/States";
import { ClearFilters } from "./ClearFilters";
import { useWords, words } from "./language";
import type { ListParams } from "./useListParams";

const text = words(
  {
    filter: "Filtre",
    refused: (names: readonly string[], why: string) =>
      `Cette liste ne peut pas être filtrée ainsi. ${names.join(", ")}\u00a0: ${why}`,
  },
  {
    filter: "Filter",
    refused: (names: readonly string[], why: string) =>
      `The list cannot be filtered like this. ${names.join(", ")}: ${why}`,
  },
);

/** What is needed of a query, or of several as one. */
interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  isFetching: boolean;
  refetch: () => unknown;
}

interface Props<T> {
  query: Asked<T>;
  /** What has the shape of the content, while there is none. */
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
  /** The list that the query is of: filters that the API refuses can be cleared. */
  list?: ListParams;
  /** What its filters are called, by their names. */
  filters?: Readonly<Record<string, string>>;
}

/**
 * What a query found, or its skeleton, or why there is nothing and a button to try again. What was found once stays
 * while it is asked for again.
 */
export function Loaded<T>({ query, skeleton, children, list, filters }: Props<T>) {
  const w = useWords(text);
  const explain = useExplain();
  const { data, error, isFetching, refetch } = query;
  const gone = error instanceof ApiError && (error.kind === "missing" || error.kind === "forbidden");
  if (list?.isFiltered && error instanceof ApiError && error.kind === "invalid") {
    const refused = Object.keys(error.fields).map((name) => filters?.[name] ?? w.filter);
    return (
      <ErrorState
        message={refused.length > 0 ? w.refused(refused, explain(error)) : explain(error)}
        action={<ClearFilters list={list} />}
      />
    );
  }
  if (data !== undefined && !gone) return children(data);
  if (error && !(isFetching && !gone)) {
    return <ErrorState message={explain(error)} {...(!gone && { onRetry: () => void refetch() })} />;
  }
  return skeleton;
}
