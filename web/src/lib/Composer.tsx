import { Send } from "lucide-react";
import { type KeyboardEvent, type SyntheticEvent, useCallback, useEffect, useRef, useState } from "react";
import type { Write } from "../api/client";
import { useExplain } from "../api/explain";
import { useUser } from "../api/session";
import { Button } from "../ui/Button";
import { TextArea } from "../ui/Field";
import { characters } from "./characters";
import { useWords, words } from "./language";
import { addGuard } from "./leaving";
import { StillWorking } from "./StillWorking";
import { useWarnBeforeUnload } from "./UnsavedGuard";
import { useSubmission } from "./useSubmission";

const text = words(
  {
    shortcut: "Ctrl + Entrée pour envoyer",
    unsent: "Non envoyé",
    again: "Renvoyer",
    discard: "Abandonner",
  },
  {
    shortcut: "Ctrl + Enter to send",
    unsent: "Not sent",
    again: "Send again",
    discard: "Discard",
  },
);

/** The most characters of a message or a comment. */
export const LONGEST_MESSAGE = 5_000;

interface Props {
  /** Names the conversation: for its draft. */
  name: string;
  label: string;
  action: string;
  /** Sends it. Throws what the API says. */
  onSend: (content: string, write: Write) => Promise<unknown>;
  rows?: number;
}

/** What is in the field, and what was sent and has not arrived. */
interface Texts {
  typed: string;
  unsent: string;
}

const NOTHING: Texts = { typed: "", unsent: "" };

/**
 * A field for a text that is sent. The field is empty at once, for the next text. A text that could not be sent returns to
 * the field, or stands above it if another one was typed meanwhile. A draft is kept when the screen is left.
 */
export function Composer({ name, label, action, onSend, rows = 3 }: Props) {
  const w = useWords(text);
  const explain = useExplain();
  const [wrong, setWrong] = useState<string>();
  const present = useRef(NOTHING);
  const submission = useSubmission<Texts>({
    name,
    owner: useUser().id,
    read: () => {
      const { typed, unsent } = present.current;
      return typed.trim() || unsent ? { typed, unsent } : undefined;
    },
  });
  const { isBusy, isSlow, restored, touch, submit, cancel, unsaved } = submission;
  const [{ typed, unsent }, setTexts] = useState(restored ?? NOTHING);
  const change = useCallback(
    (changes: Partial<Texts>) => {
      present.current = { ...present.current, ...changes };
      setTexts(present.current);
      touch();
    },
    [touch],
  );
  useEffect(() => {
    if (restored) present.current = restored;
  }, [restored]);
  useEffect(() => addGuard(unsaved), [unsaved]);
  useWarnBeforeUnload(unsaved);

  const content = typed.trim();
  const isTooLong = characters(content) > LONGEST_MESSAGE;

  const send = (content: string) => {
    if (!content || isBusy) return;
    setWrong(undefined);
    // Until it has arrived it is not sent.
    change({ unsent: content, ...(present.current.typed.trim() === content && { typed: "" }) });
    const save = async (write: Write) => {
      await onSend(content, write);
      change({ unsent: "" });
      return { isPartial: true };
    };
    void submit(content, save, (error) => {
      setWrong(explain(error));
      if (!present.current.typed.trim()) change({ typed: content, unsent: "" });
    });
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isTooLong && !unsent) send(content);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSubmit(event);
  };

  return (
    <form onSubmit={onSubmit} className="space-y-2 print:hidden">
      {unsent && !isBusy && (
        <div className="flex flex-wrap items-center gap-2 rounded-lg border border-danger bg-danger-pale p-3">
          <p className="min-w-0 flex-1 basis-48 break-words whitespace-pre-wrap">
            <span className="block text-sm text-danger-deep">{w.unsent}</span>
            {unsent}
          </p>
          <Button look="secondary" small onClick={() => send(unsent)}>
            {w.again}
          </Button>
          <Button look="quiet" small onClick={() => change({ unsent: "" })}>
            {w.discard}
          </Button>
        </div>
      )}
      <TextArea
        label={label}
        rows={rows}
        value={typed}
        limit={LONGEST_MESSAGE}
        error={wrong}
        onChange={(event) => {
          change({ typed: event.target.value });
          setWrong(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        <StillWorking isSlow={isSlow} onCancel={cancel} />
        <p className="hidden text-sm text-ink-soft pointer-fine:block">{w.shortcut}</p>
        <Button
          type="submit"
          busy={isBusy}
          disabled={!content || isTooLong || unsent !== ""}
          icon={<Send className="size-4" aria-hidden />}
        >
          {action}
        </Button>
      </div>
    </form>
  );
}
