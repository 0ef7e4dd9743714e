import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { useShowErrors } from "../../api/explain";
import type { NewTicket, Ticket } from "../../api/schema";
import { LONGEST_TEXT } from "../../lib/characters";
import { useWords } from "../../lib/language";
import { SaveError } from "../../lib/SaveError";
import { useAtMost } from "../../lib/useAtMost";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useUnsaved } from "../../lib/useUnsaved";
import { Button } from "../../ui/Button";
import { SelectField, TextArea, TextField } from "../../ui/Field";
import { ticketWords } from "./words";

type Values = Required<NewTicket>;

const FIELDS = ["title", "description", "priority"] as const;

interface Props {
  /** The ticket to edit; none for a new one. */
  ticket?: Ticket;
  /** Saves what has changed and goes elsewhere. Throws what the API says. */
  onSave: (changes: Partial<NewTicket>) => Promise<void>;
  /** What the last attempt threw. */
  error: unknown;
  /** Starts again from the ticket as it is now. */
  onReload: () => void;
}

/** One form to create and to edit. Only what was changed is sent. */
export function TicketForm({ ticket, onSave, error, onReload }: Props) {
  const w = useWords(ticketWords);
  const atMost = useAtMost();
  const schema = useMemo(() => {
    const required = (limit: number) => z.string().check(z.trim(), z.minLength(1, w.required), atMost(limit));
    return z.object({
      title: required(255),
      description: required(LONGEST_TEXT),
      priority: z.enum(["low", "medium", "high"]),
    });
  }, [w, atMost]);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema),
    defaultValues: {
      title: ticket?.title ?? "",
      description: ticket?.description ?? "",
      priority: (ticket?.priority ?? "medium") as Values["priority"],
    },
  });
  const showErrors = useShowErrors(form, FIELDS);
  const { errors, isSubmitting, dirtyFields } = form.formState;
  const wouldLose = useUnsaved(form);

  const submit = form.handleSubmit(async (values) => {
    const changed = Object.fromEntries(
      Object.entries(values).filter(([name]) => !ticket || name in dirtyFields),
    );
    await onSave(changed).catch(showErrors);
  });

  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="card max-w-3xl space-y-5 p-5 sm:p-8">
      <UnsavedGuard when={wouldLose} />
      <SaveError message={errors.root?.message} error={error} onReload={onReload} />
      <TextField
        label={w.subject}
        limit={255}
        autoComplete="off"
        error={errors.title?.message}
        {...form.register("title")}
      />
      <TextArea
        label={w.description}
        rows={8}
        limit={LONGEST_TEXT}
        error={errors.description?.message}
        {...form.register("description")}
      />
      <div className="sm:w-60">
        <SelectField label={w.priority} error={errors.priority?.message} {...form.register("priority")}>
          {Object.entries(w.priorities).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="flex justify-end">
        <Button type="submit" busy={isSubmitting} className="w-full sm:w-auto">
          {w.save}
        </Button>
      </div>
    </form>
  );
}
