import type { ReactNode } from "react";
import { ApiError } from "../api/error";
import { useExplain } from "../api/explain";
import { ErrorState } from "../ui/States";

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
}

/**
 * What a query found, or its skeleton, or why there is nothing and a button to try again. What was found once stays
 * while it is asked for again.
 */
export function Loaded<T>({ query, skeleton, children }: Props<T>) {
  const explain = useExplain();
  const { data, error, isFetching, refetch } = query;
  const gone = error instanceof ApiError && (error.kind === "missing" || error.kind === "forbidden");
  if (data !== undefined && !gone) return children(data);
  if (error && !(isFetching && !gone)) {
    return <ErrorState message={explain(error)} {...(!gone && { onRetry: () => void refetch() })} />;
  }
  return skeleton;
}
