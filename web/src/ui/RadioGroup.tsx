import { useId } from "react";
import { RequiredMark } from "./Field";

interface Props {
  label: string;
  name: string;
  /** What each one is called, by its value. */
  choices: readonly (readonly [value: string, label: string])[];
  /** The one that is chosen at first. */
  defaultValue?: string | undefined;
  required?: boolean | undefined;
  error?: string | undefined;
  help?: string | undefined;
  onChange?: (value: string) => void;
}

/** One of a few, all of them in view. */
export function RadioGroup({ label, name, choices, defaultValue, required, error, help, onChange }: Props) {
  const id = useId();
  const ids = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <fieldset
      role="radiogroup"
      aria-describedby={ids || undefined}
      aria-invalid={error ? true : undefined}
      aria-required={required || undefined}
      className="min-w-0"
    >
      <legend className="mb-1 text-sm font-medium break-words text-ink-soft">
        {label}
        {required && <RequiredMark />}
      </legend>
      <div className="flex flex-wrap gap-x-8">
        {choices.map(([value, each]) => (
          <label key={value} className="flex min-h-10 cursor-pointer items-center gap-3 text-ink">
            <input
              type="radio"
              name={name}
              value={value}
              defaultChecked={value === defaultValue}
              onChange={() => onChange?.(value)}
              className="size-5 shrink-0 cursor-pointer accent-slate-skin"
            />
            {each}
          </label>
        ))}
      </div>
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
