import { queryOptions } from "@tanstack/react-query";
import { api, type Page } from "../../api/client";
import type { Dashboard } from "../../api/schema";

/** Read once, and again when the reader comes back to the window or has changed something. */
export const dashboardQuery = queryOptions({
  queryKey: ["dashboard", "all"],
  queryFn: ({ signal }) => api.get<Dashboard>("/dashboard/", {}, signal),
});

/** How many rows of a list pass a filter, for the figures that the dashboard's answer does not have. */
export const countQuery = (path: string, filter: string) =>
  queryOptions({
    queryKey: ["dashboard", "count", path, filter],
    queryFn: ({ signal }) => api.get<Page<unknown>>(path, { [filter]: true, page_size: 1 }, signal),
    select: ({ count }) => count,
  });
