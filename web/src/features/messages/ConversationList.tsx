import { useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { useUser } from "../../api/session";
import { ago, fullName } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useUnreadFollows } from "../../lib/unread";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { boxQuery } from "./api";
import { type Conversation, conversations, isShort } from "./conversations";
import { messageWords } from "./words";

interface Props {
  /** Whose conversation is open. */
  open: string | undefined;
  search: string;
}

export function ConversationList({ open, search }: Props) {
  const w = useWords(messageWords);
  const reader = useUser();
  const inbox = useInfiniteQuery(boxQuery("inbox", search));
  const sent = useInfiniteQuery(boxQuery("sent", search));
  // Where one of them could not be read, the list would be wrong.
  const query = {
    data: inbox.data && sent.data,
    error: inbox.error ?? sent.error,
    isFetching: inbox.isFetching || sent.isFetching,
    refetch: () => Promise.all([inbox.refetch(), sent.refetch()]),
  };
  const boxes = [inbox, sent].map((box) => ({
    messages: box.data?.pages.flatMap((page) => page.results) ?? [],
    more: box.hasNextPage,
  }));
  const waiting = boxes[0]?.messages.filter((message) => !message.is_read).map(({ id }) => id);
  useUnreadFollows(inbox.data && !search ? waiting?.join() : undefined);
  const more = () => {
    for (const [index, box] of [inbox, sent].entries()) {
      const loaded = boxes[index];
      if (loaded && isShort(loaded, boxes)) void box.fetchNextPage();
    }
  };
  const loadingMore = inbox.isFetchingNextPage || sent.isFetchingNextPage;

  return (
    <nav aria-label={w.conversations} className="h-full lg:overflow-y-auto">
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {() => {
          const found = conversations(boxes, reader.id);
          if (found.length === 0) {
            return search ? (
              <EmptyState title={w.noneFound} hint={w.noneFiltered} />
            ) : (
              <EmptyState title={w.none} hint={w.noneYet} />
            );
          }
          return (
            <>
              <ul className={`card divide-y divide-line ${isOld(inbox, sent) ? "opacity-60" : ""}`}>
                {found.map((each) => (
                  <Item key={each.person.id} conversation={each} open={open === String(each.person.id)} />
                ))}
              </ul>
              {boxes.some((box) => box.more) && (
                <Button look="secondary" busy={loadingMore} onClick={more} className="mt-4 w-full">
                  {w.more}
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
    </nav>
  );
}

function isOld(...boxes: UseInfiniteQueryResult[]): boolean {
  return boxes.some((box) => box.isPlaceholderData);
}

function Item({ conversation, open }: { conversation: Conversation; open: boolean }) {
  const w = useWords(messageWords);
  const language = useLanguage();
  const [params] = useSearchParams();
  const { person, newest, unread } = conversation;
  return (
    <li className="first:[&>a]:rounded-t-card last:[&>a]:rounded-b-card">
      <Link
        data-row
        to={{ pathname: paths.conversation(person.id), search: params.toString() }}
        aria-current={open ? "page" : undefined}
        className={`flex items-start gap-3 p-4 focus-visible:-outline-offset-3 ${open ? "bg-accent-pale" : "hover:bg-page/60"}`}
      >
        <Avatar person={person} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-2">
            <span className={`truncate ${unread ? "font-bold" : "font-medium"}`}>{fullName(person)}</span>
            <time dateTime={newest.created_at} className="shrink-0 text-xs text-ink-soft">
              {ago(newest.created_at, language)}
            </time>
          </span>
          <span className="flex items-center gap-2 text-sm text-ink-soft">
            <span className={`min-w-0 flex-1 truncate ${unread ? "font-medium text-ink" : ""}`}>
              {newest.recipient_id === person.id && `${w.you} `}
              {newest.content}
            </span>
            {unread && (
              <span className="inline-flex shrink-0 items-center gap-1.5 text-xs font-medium text-accent-ink">
                <span className="size-2.5 rounded-full bg-accent-deep" aria-hidden />
                {w.unread}
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  );
}
