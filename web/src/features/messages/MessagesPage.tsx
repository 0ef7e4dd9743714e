import { Send } from "lucide-react";
import { Link, useParams, useSearchParams } from "react-router";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { returning } from "../../lib/scrollPlaces";
import { BackLink } from "../../ui/BackLink";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { EmptyState } from "../../ui/States";
import { ConversationList } from "./ConversationList";
import { Thread } from "./Thread";
import { usePerson } from "./usePerson";
import { messageWords } from "./words";

/** All conversations and the one that is open: beside each other where there is room, one of them on a phone. */
export function Component() {
  const w = useWords(messageWords);
  const { userId } = useParams();
  const [params, setParams] = useSearchParams();
  const search = params.get("search") ?? "";
  const { person, isNobody } = usePerson(userId);
  const name = userId && (person ? fullName(person) : isNobody ? w.nobody : w.unnamed);
  const clear = () => setParams({}, { replace: true });
  const all = params.size > 0 ? `${paths.messages}?${params.toString()}` : paths.messages;

  return (
    <>
      <PageHeader
        title={name ?? w.title}
        back={
          userId && (
            <BackLink>
              <Link to={all} state={returning(all)} aria-label={w.back} />
            </BackLink>
          )
        }
        actions={
          <Button asChild className={userId ? "max-lg:hidden" : ""}>
            <Link to={paths.newMessage}>
              <Send className="size-5" aria-hidden />
              {w.write}
            </Link>
          </Button>
        }
      />
      {search && (
        <p className="mb-4 flex flex-wrap items-center gap-3">
          {w.found(search)}
          <Button look="secondary" small onClick={clear}>
            {w.clear}
          </Button>
        </p>
      )}
      <div className="grid gap-6 lg:h-[calc(100dvh-12rem)] lg:min-h-120 lg:grid-cols-[20rem_1fr] print:block print:h-auto">
        <div className={`min-h-0 min-w-0 ${userId ? "max-lg:hidden print:hidden" : ""}`}>
          <ConversationList open={userId} search={search} />
        </div>
        {isNobody ? (
          <EmptyState title={w.nobody} hint={w.nobodyHint} />
        ) : userId ? (
          <Thread key={userId} userId={userId} name={name ?? ""} search={search} onClear={clear} />
        ) : (
          <p className="card hidden items-center justify-center p-6 text-ink-soft lg:flex print:hidden">
            {w.choose}
          </p>
        )}
      </div>
    </>
  );
}
