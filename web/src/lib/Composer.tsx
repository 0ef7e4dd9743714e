import { Send } from "lucide-react";
import { type KeyboardEvent, type SyntheticEvent, useCallback, useEffect, useRef, useState } from "react";
import { useExplain } from "../api/explain";
import { Button } from "../ui/Button";
import { TextArea } from "../ui/Field";
import { characters } from "./characters";
import { useWords, words } from "./language";
import { UnsavedGuard } from "./UnsavedGuard";

const text = words({ shortcut: "Ctrl + Entrée pour envoyer" }, { shortcut: "Ctrl + Enter to send" });

/** The most characters of a message or a comment. */
export const LONGEST_MESSAGE = 5_000;

interface Props {
  label: string;
  action: string;
  /** Sends it. Throws what the API says. */
  onSend: (content: string) => Promise<unknown>;
  rows?: number;
}

/**
 * A text that is sent: the field is free for the next one at once, and gets the text back where it could not be sent.
 */
export function Composer({ label, action, onSend, rows = 3 }: Props) {
  const w = useWords(text);
  const explain = useExplain();
  const [typed, setTyped] = useState("");
  const [sending, setSending] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const content = typed.trim();
  const isTooLong = characters(content) > LONGEST_MESSAGE;

  const unsaved = useRef(false);
  useEffect(() => {
    unsaved.current = content !== "" || sending;
  }, [content, sending]);
  const wouldLose = useCallback(() => unsaved.current, []);

  const send = async () => {
    if (!content || isTooLong || sending) return;
    setTyped("");
    setWrong(undefined);
    setSending(true);
    try {
      await onSend(content);
    } catch (error) {
      setWrong(explain(error));
      setTyped((meanwhile) => (meanwhile ? `${content}\n\n${meanwhile}` : content));
    } finally {
      setSending(false);
    }
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };

  return (
    <form onSubmit={submit} className="space-y-2 print:hidden">
      <UnsavedGuard when={wouldLose} />
      <TextArea
        label={label}
        rows={rows}
        value={typed}
        limit={LONGEST_MESSAGE}
        error={wrong}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        <p className="hidden text-sm text-ink-soft pointer-fine:block">{w.shortcut}</p>
        <Button
          type="submit"
          busy={sending}
          disabled={!content || isTooLong}
          icon={<Send className="size-4" aria-hidden />}
        >
          {action}
        </Button>
      </div>
    </form>
  );
}
