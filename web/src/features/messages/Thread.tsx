import { useInfiniteQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Write } from "../../api/client";
import type { Message } from "../../api/schema";
import { Composer } from "../../lib/Composer";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { Button } from "../../ui/Button";
import { ListSkeleton } from "../../ui/States";
import { threadQuery, useSend } from "./api";
import { Bubble, PendingBubble } from "./Bubble";
import { HideMessage } from "./HideMessage";
import { useReading } from "./useReading";
import { messageWords } from "./words";

interface Props {
  userId: string;
  name: string;
  search: string;
  onClear: () => void;
}

/** The messages with one person, the newest at the bottom, and a field to write the next. */
export function Thread({ userId, name, search, onClear }: Props) {
  const w = useWords(messageWords);
  const query = useInfiniteQuery(threadQuery(userId, search));
  const send = useSend();
  const scrolled = useRef<HTMLDivElement>(null);
  const [hidden, setHidden] = useState<Message>();
  // What is done here shows at once, also while a page is on its way that does not know of it yet.
  const [written, setWritten] = useState<Message[]>([]);
  const [gone, setGone] = useState<number[]>([]);
  const loaded = query.data?.pages.flatMap((page) => page.results);
  const messages = inOrder([...(search ? [] : written), ...(loaded ?? [])]).filter(
    ({ id }) => !gone.includes(id),
  );
  const arrived = useReading(userId, messages, loaded && query.hasNextPage);

  const write = async (content: string, write: Write) => {
    // What was written would not be among what was searched for.
    if (search) onClear();
    scrolled.current?.scrollTo({ top: 0 });
    const { row } = await send.mutateAsync({ message: { recipient_id: Number(userId), content }, write });
    setWritten((before) => [...before, row]);
  };

  return (
    <div className="card flex h-[calc(100dvh-11rem)] min-h-110 min-w-0 flex-col lg:h-auto lg:min-h-0 print:block print:h-auto">
      {/* Reversed, the browser itself keeps the newest in sight, and one's place while earlier ones come in above. */}
      <div
        ref={scrolled}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard scrolls it
        tabIndex={0}
        role="log"
        // Earlier messages that are loaded are no news; what is, is said below.
        aria-live="off"
        aria-label={w.threadWith(name)}
        className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto rounded-t-card p-4 print:block print:overflow-visible"
      >
        <Loaded query={query} skeleton={<ListSkeleton rows={4} />}>
          {() =>
            messages.length === 0 && !send.isPending ? (
              <div className="my-auto p-6 text-center">
                <p className="text-lg">{search ? w.noneFound : w.none}</p>
                <p className="text-ink-soft">{search ? w.noneFiltered : w.empty}</p>
              </div>
            ) : (
              <div className="space-y-3">
                {query.hasNextPage && (
                  <p className="text-center">
                    <Button
                      look="secondary"
                      small
                      busy={query.isFetchingNextPage}
                      onClick={() => void query.fetchNextPage()}
                    >
                      {w.earlier}
                    </Button>
                  </p>
                )}
                <ol className="space-y-3">
                  {messages.map((message) => (
                    <Bubble key={message.id} message={message} onDelete={setHidden} />
                  ))}
                  {send.isPending && <PendingBubble content={send.variables.message.content} />}
                </ol>
              </div>
            )
          }
        </Loaded>
      </div>
      <p role="status" className="sr-only">
        {arrived && w.arrived(name, arrived.content)}
      </p>
      <div className="border-t border-line p-4 print:hidden">
        <Composer
          name={`message ${userId}`}
          label={`${w.to} ${name}`}
          action={w.send}
          rows={2}
          onSend={write}
        />
      </div>
      <HideMessage
        message={hidden}
        onHidden={(id) => setGone((before) => [...before, id])}
        onClose={() => setHidden(undefined)}
      />
    </div>
  );
}

/** Oldest first, each once: a message that comes in between two pages moves another one onto the next. */
function inOrder(messages: readonly Message[]): Message[] {
  return [...new Map(messages.map((message) => [message.id, message])).values()].toSorted(
    (a, b) => a.id - b.id,
  );
}
