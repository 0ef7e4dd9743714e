import { ApiError } from "../../api/error";
import { skipToken, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Person } from "../../api/schema";
import { useUser } from "../../api/session";
import { strangerQuery, threadQuery } from "./api";
import { other } from "./conversations";

interface Found {
  person: Person | undefined;
  /** Whether there is nobody of that number. */
  isNobody: boolean;
}

/** Who the user of a conversation is: its messages say so; without any, the directory may. */
export function usePerson(id: string | undefined): Found {
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
  const { data: stranger, error } = useQuery({ ...options, ...(!unknown && { queryFn: skipToken }) });
  if (message) return { person: other(message, reader.id), isNobody: false };
  const isMissing = error instanceof ApiError && error.kind === "missing";
  return { person: stranger ?? undefined, isNobody: unknown && (stranger === null || isMissing) };
}
