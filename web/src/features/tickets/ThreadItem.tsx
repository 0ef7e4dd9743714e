import { ArrowRightLeft } from "lucide-react";
import type { Comment } from "../../api/schema";
import { dateTime } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { stateWords } from "../../lib/states";
import { ticketWords } from "./words";

/** A comment, or that somebody changed the status. */
export function ThreadItem({ comment }: { comment: Comment }) {
  const w = useWords(ticketWords);
  const states = useWords(stateWords).ticket;
  const language = useLanguage();
  const { kind, author_name: name, content, from, to } = comment;
  const when = <time dateTime={comment.created_at}>{dateTime(comment.created_at, language)}</time>;
  if (kind !== "status") {
    return (
      <li className="card break-inside-avoid p-4 sm:p-5">
        <Said name={name} when={when} content={content ?? ""} />
      </li>
    );
  }
  const status = (value: string | null) => states[value ?? ""] ?? value ?? "";
  return (
    <li className="flex items-center gap-3 px-4 text-sm text-ink-soft sm:px-5">
      <ArrowRightLeft className="size-4 shrink-0" aria-hidden />
      <p className="min-w-0 break-words">
        {w.statusChange(name, status(from), status(to))}
        <span className="ml-2">{when}</span>
      </p>
    </li>
  );
}

interface SaidProps {
  name: string;
  when: React.ReactNode;
  content: string;
}

export function Said({ name, when, content }: SaidProps) {
  return (
    <>
      <p className="mb-1 flex flex-wrap items-baseline gap-x-3">
        <span className="min-w-0 font-medium break-words">{name}</span>
        <span className="text-sm text-ink-soft">{when}</span>
      </p>
      <p className="break-words whitespace-pre-wrap">{content}</p>
    </>
  );
}
