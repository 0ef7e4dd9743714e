import { useId } from "react";
import { RequiredMark } from "./Field";

interface Props {
  label: string;
  name: string;
  options: readonly string[];
  /** Those that are ticked at first. */
  defaultValue?: readonly string[];
  required?: boolean | undefined;
  error?: string | undefined;
  help?: string | undefined;
}

/** Any of a few: a box to tick for each. */
export function CheckGroup({ label, name, options, defaultValue, required, error, help }: Props) {
  const id = useId();
  const ids = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <fieldset aria-describedby={ids || undefined} className="min-w-0">
      <legend className="mb-1 text-sm font-medium break-words text-ink-soft">
        {label}
        {required && <RequiredMark />}
      </legend>
      {options.map((option) => (
        <label key={option} className="flex min-h-10 w-fit cursor-pointer items-center gap-3 text-ink">
          <input
            type="checkbox"
            name={name}
            value={option}
            defaultChecked={defaultValue?.includes(option)}
            aria-invalid={error ? true : undefined}
            className="size-5 shrink-0 cursor-pointer accent-slate-skin"
          />
          <span className="min-w-0 break-words">{option}</span>
        </label>
      ))}
      {help && (
        <p id={`${id}-help`} className="text-sm text-ink-soft">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-sm text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}
