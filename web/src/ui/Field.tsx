import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useWords, words } from "../lib/language";
import { CharacterCount } from "./CharacterCount";

const text = words(
  { show: "Afficher le mot de passe", hide: "Masquer le mot de passe", optional: "facultatif" },
  { show: "Show the password", hide: "Hide the password", optional: "optional" },
);

interface Common {
  label: string;
  error?: string | undefined;
  help?: ReactNode;
  /** Says "optional" beside the label. */
  optional?: boolean;
  /** Puts a star beside the label. */
  required?: boolean | undefined;
  /** The label is there for those who do not see it. */
  hiddenLabel?: boolean;
  /** How many characters the text may have. Beyond it the field says so; it does not cut what is typed or pasted. */
  limit?: number | undefined;
}

export const BOX =
  "min-h-11 w-full rounded-lg border border-line-strong bg-white px-3 py-2 text-ink placeholder:text-ink-faint aria-invalid:border-danger disabled:bg-page [&[readonly]]:border-line [&[readonly]]:bg-page [&[readonly]]:text-ink-soft";
const LINE =
  "w-full border-0 border-b border-line-strong bg-transparent px-0 py-2.5 text-ink placeholder:text-ink-faint aria-invalid:border-danger";

/** A label, a control, a hint and what is wrong, tied together for those who do not see them. */
function Frame({
  id,
  label,
  error,
  help,
  optional,
  required,
  hiddenLabel,
  limit,
  children,
}: Common & { id: string; children: ReactNode }) {
  const w = useWords(text);
  return (
    <div className="min-w-0">
      <label
        htmlFor={id}
        className={hiddenLabel ? "sr-only" : "mb-1.5 block text-sm font-medium text-ink-soft"}
      >
        {label}
        {optional && <span className="font-normal"> ({w.optional})</span>}
        {required && <RequiredMark />}
      </label>
      {children}
      {limit !== undefined && <CharacterCount id={id} limit={limit} />}
      {help && (
        <p id={`${id}-help`} className="mt-1 text-sm text-ink-soft">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

/** Those who do not see it are told by the control. */
export function RequiredMark() {
  return (
    <span aria-hidden className="text-danger">
      {" "}
      *
    </span>
  );
}

function described(id: string, { error, help, limit }: Common) {
  const ids = [help && `${id}-help`, limit !== undefined && `${id}-count`, error && `${id}-error`]
    .filter(Boolean)
    .join(" ");
  return { "aria-invalid": error ? true : undefined, "aria-describedby": ids || undefined } as const;
}

function split<P extends Common>(props: P) {
  const { label, error, help, optional, hiddenLabel, limit, ...control } = props;
  const { required } = control;
  return [{ label, error, help, optional, required, hiddenLabel, limit } as Common, control] as const;
}

/** A line of text; `look="line"` is that of the pages before the sign-in. */
export function TextField({
  look = "box",
  ...props
}: Common & ComponentProps<"input"> & { look?: "box" | "line" }) {
  const made = useId();
  const [common, control] = split(props);
  const id = control.id ?? made;
  return (
    <Frame id={id} {...common}>
      <input
        type="text"
        {...control}
        id={id}
        {...described(id, common)}
        className={look === "line" ? LINE : BOX}
      />
    </Frame>
  );
}

/** A password that can be looked at. */
export function PasswordField({
  look = "box",
  ...props
}: Common & ComponentProps<"input"> & { look?: "box" | "line" }) {
  const w = useWords(text);
  const made = useId();
  const [shown, setShown] = useState(false);
  const [common, control] = split(props);
  const id = control.id ?? made;
  const Icon = shown ? EyeOff : Eye;
  return (
    <Frame id={id} {...common}>
      <div className="relative">
        <input
          {...control}
          id={id}
          type={shown ? "text" : "password"}
          {...described(id, common)}
          className={`${look === "line" ? LINE : BOX} pr-12`}
        />
        <button
          type="button"
          aria-label={shown ? w.hide : w.show}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="absolute inset-y-0 right-0 flex w-11 cursor-pointer items-center justify-center text-ink-soft hover:text-ink"
        >
          <Icon className="size-5" aria-hidden />
        </button>
      </div>
    </Frame>
  );
}

export function TextArea(props: Common & ComponentProps<"textarea">) {
  const made = useId();
  const [common, control] = split(props);
  const id = control.id ?? made;
  return (
    <Frame id={id} {...common}>
      <textarea rows={5} {...control} id={id} {...described(id, common)} className={`${BOX} resize-y`} />
    </Frame>
  );
}

/** One of a few: the options are its children. */
export function SelectField(props: Common & ComponentProps<"select">) {
  const made = useId();
  const [common, control] = split(props);
  const id = control.id ?? made;
  return (
    <Frame id={id} {...common}>
      <select {...control} id={id} {...described(id, common)} className={`${BOX} cursor-pointer`} />
    </Frame>
  );
}

/** A box to tick, its label beside it. */
export function CheckField(props: Common & ComponentProps<"input">) {
  const made = useId();
  const [common, control] = split(props);
  const id = control.id ?? made;
  return (
    <div>
      <label htmlFor={id} className="inline-flex min-h-11 cursor-pointer items-center gap-3 text-ink">
        <input
          {...control}
          id={id}
          type="checkbox"
          {...described(id, common)}
          className="size-5 shrink-0 cursor-pointer accent-slate-skin"
        />
        <span>{common.label}</span>
      </label>
      {common.help && (
        <p id={`${id}-help`} className="text-sm text-ink-soft">
          {common.help}
        </p>
      )}
      {common.error && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-sm text-danger">
          {common.error}
        </p>
      )}
    </div>
  );
}

/** What is wrong with a whole form. It takes the focus, unless a field that is wrong has it. */
export function FormError({ message }: { message?: string | undefined }) {
  const shown = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (!message || document.activeElement?.matches("[aria-invalid=true]")) return;
    shown.current?.focus();
    shown.current?.scrollIntoView({ block: "nearest" });
  }, [message]);
  if (!message) return null;
  return (
    <p
      ref={shown}
      role="alert"
      tabIndex={-1}
      className="scroll-my-24 rounded-lg border border-danger bg-danger-pale px-4 py-3 text-sm text-danger-deep"
    >
      {message}
    </p>
  );
}
