import { skipToken, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Person } from "../../api/schema";
import { useUser } from "../../api/session";
import { strangerQuery, threadQuery } from "./api";
import { other } from "./conversations";

/** Who the user of a conversation is: its messages say so; without any, the directory may. */
export function usePerson(id: string | undefined): Person | undefined {
  const reader = useUser();
  const { data: thread } = useInfiniteQuery({
    ...threadQuery(id ?? "", ""),
    enabled: id !== undefined,
    // The thread asks again itself.
    refetchInterval: false,
  });
  const message = thread?.pages[0]?.results[0];
  const options = strangerQuery(id ?? "", reader.is_admin);
  const unknown = thread !== undefined && !message;
  const { data: stranger } = useQuery({ ...options, ...(!unknown && { queryFn: skipToken }) });
  return message ? other(message, reader.id) : (stranger ?? undefined);
}
