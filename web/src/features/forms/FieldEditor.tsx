import { type Control, type UseFormReturn, useFormState, useWatch } from "react-hook-form";
import { FIELD_TYPES, RULES } from "../../lib/formFields";
import { useWords } from "../../lib/language";
import { NumberField } from "../../lib/NumberField";
import { CheckField, SelectField, TextArea, TextField } from "../../ui/Field";
import { builderWords } from "./builderWords";
import { boundKind, nameFor, type Row } from "./row";
import type { BuilderValues } from "./schema";

export type Builder = UseFormReturn<BuilderValues, unknown, BuilderValues>;

interface Props {
  form: Builder;
  index: number;
}

/** What can be said of the field that is open. */
export function FieldEditor({ form, index }: Props) {
  const w = useWords(builderWords);
  const { control, register, getValues } = form;
  const input = useInput(form, index);
  const type = useWatch({ control, name: `fields.${index}.type` });

  const set = <K extends "name" | "isNamed" | "min" | "max">(key: K, value: Row[K]) =>
    form.setValue(`fields.${index}.${key}`, value as never, {
      shouldDirty: true,
      shouldValidate: control._formState.isSubmitted,
    });
  const follow = () => {
    const { label, isNamed } = getValues(`fields.${index}`);
    if (isNamed) return;
    const others = getValues("fields").filter((_, place) => place !== index);
    set("name", nameFor(label, new Set(others.map(({ name }) => name))));
  };
  const label = register(`fields.${index}.label`, { onChange: follow });
  const name = register(`fields.${index}.name`, {
    // An empty name follows the label again.
    onChange: () => set("isNamed", getValues(`fields.${index}.name`) !== ""),
  });
  const chosen = register(`fields.${index}.type`, {
    onChange: () => {
      if (boundKind(getValues(`fields.${index}.type`)) === boundKind(type)) return;
      set("min", "");
      set("max", "");
    },
  });

  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField {...input("label")} {...label} label={w.label} limit={255} />
      <SelectField {...input("type")} {...chosen} label={w.type}>
        {FIELD_TYPES.map((each) => (
          <option key={each} value={each}>
            {w.types[each]}
          </option>
        ))}
      </SelectField>
      <TextField {...input("help")} label={w.help} optional limit={1000} />
      <Rules form={form} index={index} />
      <CheckField label={w.isRequired} {...register(`fields.${index}.required`)} />
      <details className="sm:col-span-2">
        <summary className="inline-flex min-h-9 cursor-pointer items-center rounded text-sm text-ink-soft underline">
          {w.advanced}
        </summary>
        <div className="mt-2 grid gap-4 sm:grid-cols-2">
          <TextField
            {...input("name")}
            {...name}
            label={w.key}
            help={w.keyHelp}
            limit={50}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
          {RULES[type] === "length" && (
            <TextField
              {...input("pattern")}
              label={w.pattern}
              help={w.patternHelp}
              optional
              limit={500}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </div>
      </details>
    </div>
  );
}

/** The rules that the field's type has. */
function Rules({ form, index }: Props) {
  const w = useWords(builderWords);
  const input = useInput(form, index);
  const type = useWatch({ control: form.control, name: `fields.${index}.type` });
  switch (RULES[type]) {
    case "options":
      return (
        <div className="sm:col-span-2">
          <TextArea {...input("options")} label={w.options} rows={5} />
        </div>
      );
    case "range": {
      const isTime = type === "date" || type === "datetime";
      const Field = isTime ? TextField : NumberField;
      const look = isTime
        ? { type: type === "date" ? "date" : "datetime-local" }
        : { ...(type === "integer" && { decimals: 0 }) };
      return (
        // Another kind of control keeps nothing of the one before.
        <div key={boundKind(type)} className="contents">
          <Field {...input("min")} {...look} label={isTime ? w.earliest : w.min} optional />
          <Field {...input("max")} {...look} label={isTime ? w.latest : w.max} optional />
        </div>
      );
    }
    case "length": {
      const look = { optional: true, decimals: 0 };
      return (
        <>
          <NumberField {...input("min_length")} {...look} label={w.minLength} />
          <NumberField {...input("max_length")} {...look} label={w.maxLength} />
        </>
      );
    }
    default:
      return null;
  }
}

function useInput({ control, register }: Builder, index: number) {
  const errors = useRowErrors(control, index);
  return (key: keyof Row) => ({ error: errors?.[key]?.message, ...register(`fields.${index}.${key}`) });
}

/** What is wrong with one field. */
export function useRowErrors(control: Control<BuilderValues, unknown, BuilderValues>, index: number) {
  return useFormState({ control, name: `fields.${index}` }).errors.fields?.[index];
}
