import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Comment, Ticket } from "../../api/schema";

interface Answers {
  ticket: Ticket | undefined;
  /** The last change of status that the thread tells of. */
  change: Comment | undefined;
  /** Whether either of the two is being asked for. */
  isFetching: boolean;
}

/**
 * Where the thread ends with another status than the ticket has, one of the two is older: both are asked for again, once
 * for each such pair.
 */
export function useAgreement({ ticket, change, isFetching }: Answers) {
  const client = useQueryClient();
  const asked = useRef("");
  const isApart = !isFetching && ticket && change && change.to !== ticket.status;
  const pair = isApart ? `${change.id} ${ticket.status}` : undefined;
  useEffect(() => {
    if (pair === undefined || pair === asked.current) return;
    asked.current = pair;
    void client.invalidateQueries({ queryKey: ["tickets"] });
  }, [pair, client]);
}
