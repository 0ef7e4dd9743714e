import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Page, Write } from "../../api/client";
import type { Comment } from "../../api/schema";
import { useUser } from "../../api/session";
import { Composer } from "../../lib/Composer";
import { fullName, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { Button } from "../../ui/Button";
import { ListSkeleton } from "../../ui/States";
import { useAddComment } from "./api";
import { Said, ThreadItem } from "./ThreadItem";
import { ticketWords } from "./words";

interface Props {
  id: string;
  query: UseInfiniteQueryResult<InfiniteData<Page<Comment>>>;
  /** Above the field. */
  note: ReactNode;
}

/** What was said about a ticket and what happened to it, oldest first, and a field to say more. */
export function Thread({ id, query, note }: Props) {
  const w = useWords(ticketWords);
  const language = useLanguage();
  const user = useUser();
  const add = useAddComment(id);
  // They stand at the end until their page is there, even where the ones before it are not shown yet.
  const [written, setWritten] = useState<Comment[]>([]);
  const send = async (content: string, write: Write) => {
    const { row } = await add.mutateAsync({ content, write });
    setWritten((before) => [...before, row]);
  };

  return (
    <section aria-labelledby="thread" className="space-y-4">
      <h2 id="thread" className="text-xl font-light">
        {w.thread}
      </h2>
      <Loaded query={query} skeleton={<ListSkeleton rows={3} />}>
        {({ pages }) => {
          const loaded = pages.flatMap((page) => page.results);
          const known = new Set(loaded.map((comment) => comment.id));
          const own = written.filter((comment) => !known.has(comment.id));
          const rest = (pages[0]?.count ?? 0) - loaded.length;
          if (loaded.length + own.length === 0 && !add.isPending) {
            return <p className="text-ink-soft">{w.noComment}</p>;
          }
          return (
            <>
              <ol className="space-y-4">
                {loaded.map((comment) => (
                  <ThreadItem key={comment.id} comment={comment} />
                ))}
              </ol>
              {query.hasNextPage && (
                <Button
                  look="secondary"
                  busy={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {w.more(number(Math.max(1, rest), language))}
                </Button>
              )}
              {(own.length > 0 || add.isPending) && (
                <ol className="space-y-4">
                  {own.map((comment) => (
                    <ThreadItem key={comment.id} comment={comment} />
                  ))}
                  {add.isPending && (
                    <li className="card p-4 opacity-70 sm:p-5">
                      <Said name={fullName(user)} when={w.sending} content={add.variables.content} />
                    </li>
                  )}
                </ol>
              )}
            </>
          );
        }}
      </Loaded>
      <div className="card p-4 sm:p-5 print:hidden">
        {note}
        <Composer name={`comment ${id}`} label={w.comment} action={w.send} onSend={send} />
      </div>
    </section>
  );
}
