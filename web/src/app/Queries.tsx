import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Outlet } from "react-router";
import { ApiError } from "../api/error";
import { connected, onConnection } from "../api/connection";
import { hasLeft, onChange, session } from "../api/session";
import { EDITED } from "../lib/useEdited";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // An error is shown where the browser believes to be offline, too, rather than a skeleton without end.
      networkMode: "always",
      staleTime: 10_000,
      // Anything else would be answered the same.
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.isPassing,
    },
    mutations: { networkMode: "always" },
  },
});

// What one person saw is nothing for the next. Where a session ended by itself, whoever comes back finds it, brought up
// to date, but for what is being edited.
let reader = session()?.user.id;
let isAway = false;
onChange(() => {
  const next = session()?.user.id;
  if (next === undefined && !hasLeft()) {
    isAway = true;
    return;
  }
  if (next !== reader) queries.clear();
  else if (isAway) void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== EDITED });
  reader = next;
  isAway = false;
});

// Once the server can be reached again, the screens that are shown are brought up to date, and those that failed are
// asked for again.
onConnection(() => {
  if (connected()) void queries.refetchQueries({ type: "active", stale: true });
});

/** What screens ask the API is kept here. The pages before the sign-in ask for nothing, and do without its code. */
export function Component() {
  return (
    <QueryClientProvider client={queries}>
      <Outlet />
    </QueryClientProvider>
  );
}
