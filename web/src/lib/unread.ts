import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api } from "../api/client";
import type { Unread } from "../api/schema";

const POLL_MS = 30_000;

/** How many messages wait to be read: one answer for every place that says so. */
export const unreadQuery = queryOptions({
  queryKey: ["messages", "unread"],
  queryFn: ({ signal }) => api.get<Unread>("/messages/unread-count/", {}, signal),
});

/** The same, asked for regularly. Whatever shows messages is brought up to date when it changes. */
export function useUnread(): number {
  const client = useQueryClient();
  const { data } = useQuery({ ...unreadQuery, refetchInterval: POLL_MS });
  const unread = data?.unread;
  const before = useRef(unread);
  useEffect(() => {
    const last = before.current;
    before.current = unread;
    if (last === undefined || unread === undefined || unread === last) return;
    void client.invalidateQueries({ queryKey: ["dashboard", "all"] });
    if (unread < last) return;
    // Earlier messages that are being loaded are waited for.
    void client.invalidateQueries({ queryKey: ["messages", "box", "inbox"] }, { cancelRefetch: false });
  }, [unread, client]);
  return unread ?? 0;
}

/** Has the figure follow a list of messages. `waiting` tells which of them wait to be read; nothing while it is loaded. */
export function useUnreadFollows(waiting: string | undefined) {
  const client = useQueryClient();
  useEffect(() => {
    if (waiting !== undefined) void client.invalidateQueries({ queryKey: unreadQuery.queryKey });
  }, [waiting, client]);
}
