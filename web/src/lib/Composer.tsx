import { Send } from "lucide-react";
import { type KeyboardEvent, type SyntheticEvent, useCallback, useEffect, useRef, useState } from "react";
import { useExplain } from "../api/explain";
import { Button } from "../ui/Button";
import { TextArea } from "../ui/Field";
import { number } from "./format";
import { useLanguage, useWords, words } from "./language";
import { UnsavedGuard } from "./UnsavedGuard";

const text = words(
  {
    shortcut: "Ctrl + Entrée pour envoyer",
    left: (n: number, shown: string) => `${shown} caractère${n > 1 ? "s restants" : " restant"}`,
    over: (n: number, shown: string) => `${shown} caractère${n > 1 ? "s" : ""} de trop`,
  },
  {
    shortcut: "Ctrl + Enter to send",
    left: (n: number, shown: string) => `${shown} character${n === 1 ? "" : "s"} left`,
    over: (n: number, shown: string) => `${shown} character${n === 1 ? "" : "s"} too many`,
  },
);

/** As the API counts them: characters, not what a computer needs for them. */
const LONGEST = 5_000;
const COUNT_FROM = 4_500;

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
  const language = useLanguage();
  const explain = useExplain();
  const [typed, setTyped] = useState("");
  const [sending, setSending] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const content = typed.trim();
  const left = LONGEST - [...content].length;

  const unsaved = useRef(false);
  useEffect(() => {
    unsaved.current = content !== "" || sending;
  }, [content, sending]);
  const wouldLose = useCallback(() => unsaved.current, []);

  const send = async () => {
    if (!content || left < 0 || sending) return;
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
        error={left < 0 ? w.over(-left, number(-left, language)) : wrong}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        <p className="hidden text-sm text-ink-soft pointer-fine:block">{w.shortcut}</p>
        <p role="status" className="mr-auto text-sm text-ink-soft">
          {left >= 0 && left <= LONGEST - COUNT_FROM && w.left(left, number(left, language))}
        </p>
        <Button
          type="submit"
          busy={sending}
          disabled={!content || left < 0}
          icon={<Send className="size-4" aria-hidden />}
        >
          {action}
        </Button>
      </div>
    </form>
  );
}
