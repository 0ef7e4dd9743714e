import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import type { Versioned, Write } from "../../api/client";
import type { NewTicket, Ticket } from "../../api/schema";
import { LONGEST_TEXT } from "../../lib/characters";
import { useWords } from "../../lib/language";
import { SaveForm } from "../../lib/SaveForm";
import { useAtMost } from "../../lib/useAtMost";
import { useSaving } from "../../lib/useSaving";
import type { Saved } from "../../lib/useSubmission";
import { SelectField, TextArea, TextField } from "../../ui/Field";
import { ticketWords } from "./words";

type Values = Required<NewTicket>;

const FIELDS = ["title", "description", "priority"] as const;

interface Props {
  /** The ticket to edit; none for a new one. */
  ticket?: Versioned<Ticket>;
  /** Saves what has changed. Throws what the API says. */
  onSave: (changes: Partial<NewTicket>, write: Write) => Promise<Saved>;
  /** Starts again from the ticket as it is now. */
  onReload?: () => void;
}

/** One form to create and to edit. Only what was changed is sent. */
export function TicketForm({ ticket: versioned, onSave, onReload }: Props) {
  const ticket = versioned?.row;
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
  const { errors, dirtyFields } = form.formState;
  const saving = useSaving(form, {
    name: ticket ? `ticket ${ticket.id}` : "ticket",
    version: versioned?.version,
    fields: FIELDS,
    onSave: (values, write) => {
      const all = Object.entries(values);
      return onSave(Object.fromEntries(all.filter(([name]) => !ticket || name in dirtyFields)), write);
    },
  });

  return (
    <SaveForm
      saving={saving}
      action={w.save}
      onReload={onReload}
      className="card max-w-3xl space-y-5 p-5 sm:p-8"
    >
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
    </SaveForm>
  );
}
