import { Trash2 } from "lucide-react";
import type { Message } from "../../api/schema";
import { useUser } from "../../api/session";
import { dateTime, fullName } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { IconButton } from "../../ui/Button";
import { messageWords } from "./words";

const BUBBLE = "w-fit max-w-[85%] min-w-0 rounded-card px-4 py-2 sm:max-w-[75%]";
const OWN = `${BUBBLE} ml-auto bg-slate-skin text-white print:border print:border-line-strong print:bg-white print:text-ink`;
const THEIRS = `${BUBBLE} bg-page`;

interface Props {
  message: Message;
  onDelete: (message: Message) => void;
}

export function Bubble({ message, onDelete }: Props) {
  const w = useWords(messageWords);
  const language = useLanguage();
  const own = message.sender_id === useUser().id;
  const when = dateTime(message.created_at, language);
  return (
    <li className="flex break-inside-avoid flex-col">
      <div className={own ? OWN : THEIRS}>
        <p className="sr-only">
          {w.from} {fullName(message.sender)}
        </p>
        <p className="break-words whitespace-pre-wrap">{message.content}</p>
      </div>
      <p className={`flex items-center gap-1 text-xs text-ink-soft ${own ? "justify-end" : ""}`}>
        <time dateTime={message.created_at}>{when}</time>
        {own && <span>· {message.is_read ? w.read : w.unread}</span>}
        <IconButton label={w.removeOf(when)} onClick={() => onDelete(message)} className="size-8!">
          <Trash2 className="size-4" aria-hidden />
        </IconButton>
      </p>
    </li>
  );
}

/** One's own, while it is on its way. */
export function PendingBubble({ content }: { content: string }) {
  const w = useWords(messageWords);
  return (
    <li className="flex flex-col">
      <p className={`${OWN} break-words whitespace-pre-wrap opacity-70`}>{content}</p>
      <p className="py-2 text-right text-xs text-ink-soft">{w.sending}</p>
    </li>
  );
}
