import { Plus } from "lucide-react";
import { useFormState } from "react-hook-form";
import { useWords } from "../../lib/language";
import { Button } from "../../ui/Button";
import { FormError } from "../../ui/Field";
import { builderWords } from "./builderWords";
import type { Builder } from "./FieldEditor";
import { FieldRow } from "./FieldRow";
import { MAX_FIELDS } from "./row";
import type { useRows } from "./useRows";

interface Props {
  form: Builder;
  list: ReturnType<typeof useRows>;
}

/** The fields of a form, one of them open. */
export function FieldRows({ form, list }: Props) {
  const w = useWords(builderWords);
  const { rows, openId, said, actions, add } = list;
  const { errors } = useFormState({ control: form.control, name: "fields" });
  return (
    <section className="card space-y-4 p-5 sm:p-8" aria-labelledby="fields-title">
      <div className="flex items-baseline justify-between gap-3">
        <h2 id="fields-title" className="text-lg font-medium">
          {w.fields}
        </h2>
        <span className="text-sm text-ink-soft">{w.fieldCount(rows.length, MAX_FIELDS)}</span>
      </div>
      <FormError message={errors.fields?.root?.message ?? errors.fields?.message} />
      <ol className="space-y-2">
        {rows.map(({ id }, index) => (
          <FieldRow
            key={id}
            form={form}
            id={id}
            index={index}
            isOpen={openId === id}
            isLast={index === rows.length - 1}
            actions={actions}
          />
        ))}
      </ol>
      <Button
        look="secondary"
        icon={<Plus className="size-5" aria-hidden />}
        disabled={rows.length >= MAX_FIELDS}
        onClick={add}
      >
        {w.add}
      </Button>
      <p role="status" className="sr-only">
        {said}
      </p>
    </section>
  );
}
