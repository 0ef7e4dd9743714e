import { useEffect } from "react";
import { ApiError } from "../api/error";
import type { ListParams } from "./useListParams";

/** Leads from a page that is no more, since its last row is gone, to the first one. */
export function useExistingPage({ page, set }: ListParams, error: Error | null) {
  const gone = page > 1 && error instanceof ApiError && error.kind === "missing";
  useEffect(() => {
    if (gone) set({}, { replace: true });
  }, [gone, set]);
}
