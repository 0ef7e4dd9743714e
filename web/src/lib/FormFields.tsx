import { memo } from "react";
import { CheckGroup } from "../ui/CheckGroup";
import { SelectField, TextArea, TextField } from "../ui/Field";
import { RadioGroup } from "../ui/RadioGroup";
import { LONGEST_TEXT } from "./characters";
import { type Answer, toLocal } from "./answers";
import type { FormField } from "./formFields";
import { useWords, words } from "./language";
import { NumberField } from "./NumberField";

const text = words(
  { choose: "Choisir…", yes: "Oui", no: "Non", noAnswer: "Sans réponse" },
  { choose: "Choose…", yes: "Yes", no: "No", noAnswer: "No answer" },
);

/** What the controls of a field are called: names may be anything, positions are not. */
export const controlName = (index: number) => `answer-${index}`;

interface Props {
  fields: readonly FormField[];
  /** What stands in the controls at first, by position. */
  initial?: readonly (Answer | undefined)[];
  /** What is wrong, by position. */
  errors?: Readonly<Record<number, string>>;
  /** A word about each field beside its help, by position. */
  notes?: readonly (string | undefined)[];
}

/** The fields of a form for somebody to fill in. What is typed stays in the controls, so that long forms are quick. */
export function FormFields({ fields, initial, errors, notes }: Props) {
  return (
    <div className="space-y-5">
      {fields.map((field, index) => (
        <FormFieldControl
          // Another type is another control.
          // oxlint-disable-next-line react/no-array-index-key -- a field has no other identity
          key={`${index}-${field.type}`}
          field={field}
          name={controlName(index)}
          initial={initial?.[index]}
          error={errors?.[index]}
          note={notes?.[index]}
        />
      ))}
    </div>
  );
}

interface ControlProps {
  field: FormField;
  name: string;
  initial: Answer | undefined;
  error: string | undefined;
  note: string | undefined;
}

function Control({ field, name, initial, error, note }: ControlProps) {
  const w = useWords(text);
  const help = [field.help, note].filter(Boolean).join(" ") || undefined;
  const { label, required } = field;
  const typed = typeof initial === "string" ? initial : "";
  const common = { name, label, help, error, required, defaultValue: typed };
  switch (field.type) {
    case "textarea":
      return <TextArea {...common} rows={4} limit={field.max_length ?? LONGEST_TEXT} />;
    case "email":
      return <TextField {...common} type="email" autoComplete="email" />;
    case "phone":
      return <TextField {...common} type="tel" autoComplete="tel" />;
    case "url":
      return <TextField {...common} type="url" autoComplete="url" placeholder="https://" />;
    case "number":
      return <NumberField {...common} />;
    case "integer":
      return <NumberField {...common} decimals={0} />;
    case "date":
      return <TextField {...common} type="date" min={field.min} max={field.max} />;
    case "datetime":
      return <TextField {...common} type="datetime-local" min={local(field.min)} max={local(field.max)} />;
    case "boolean": {
      // A box that nobody ticked would be the answer "no".
      const answers = [
        ["true", w.yes],
        ["false", w.no],
      ] as const;
      const chosen = typeof initial === "boolean" ? String(initial) : "";
      return (
        <RadioGroup
          {...common}
          choices={required ? answers : [...answers, ["", w.noAnswer]]}
          defaultValue={chosen}
        />
      );
    }
    case "select":
      return (
        <SelectField {...common}>
          <option value="">{w.choose}</option>
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </SelectField>
      );
    case "multiselect":
      return (
        <CheckGroup
          {...common}
          options={field.options}
          defaultValue={Array.isArray(initial) ? initial : []}
        />
      );
    default:
      return <TextField {...common} limit={field.max_length ?? LONGEST_TEXT} autoComplete="off" />;
  }
}

/** The builder makes the fields anew with each letter; most of them say the same as before. */
const FormFieldControl = memo(Control, ({ field: before, ...rest }, { field: after, ...next }) => {
  const keys = ["name", "initial", "error", "note"] as const;
  return keys.every((key) => rest[key] === next[key]) && JSON.stringify(before) === JSON.stringify(after);
});

function local(bound: number | string | undefined): string | undefined {
  return typeof bound === "string" ? toLocal(bound) : undefined;
}
