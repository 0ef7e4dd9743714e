import { zodResolver } from "@hookform/resolvers/zod";
import { Send } from "lucide-react";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { BackTo } from "../../lib/BackTo";
import { LONGEST_TEXT } from "../../lib/characters";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { useAtMost } from "../../lib/useAtMost";
import { lastOf } from "../../lib/useListParams";
import { SaveForm } from "../../lib/SaveForm";
import { useSaving } from "../../lib/useSaving";
import { TextArea, TextField } from "../../ui/Field";
import { PageHeader } from "../../ui/Page";
import { useSendEmail } from "./api";
import { emailWords } from "./words";

const EMPTY = { recipient: "", subject: "", body: "", scheduled_at: "" };

type Values = typeof EMPTY;

const FIELDS = Object.keys(EMPTY) as (keyof Values)[];

export function Component() {
  const w = useWords(emailWords);
  const send = useSendEmail();
  const atMost = useAtMost();
  const schema = useMemo(() => {
    const required = (limit: number) => z.string().check(z.trim(), z.minLength(1, w.required), atMost(limit));
    return z.object({
      recipient: z.string().check(z.trim(), z.minLength(1, w.required), z.email(w.badEmail)),
      subject: required(255),
      body: required(LONGEST_TEXT),
      scheduled_at: z.string().check(z.refine(isToCome, w.inThePast)),
    });
  }, [w, atMost]);
  const form = useForm<Values, unknown, Values>({ resolver: zodResolver(schema), defaultValues: EMPTY });
  const { errors } = form.formState;
  const saving = useSaving(form, {
    name: "email",
    fields: FIELDS,
    onSave: async ({ scheduled_at: time, ...rest }, write) => {
      // What is chosen is a time where the writer is.
      const email = { ...rest, scheduled_at: time ? new Date(time).toISOString() : null };
      const { row } = await send.mutateAsync({ email, write });
      return { message: w.queued(row.recipient), to: lastOf(paths.emails) };
    },
  });
  const field = (name: keyof Values) => ({ error: errors[name]?.message, ...form.register(name) });

  return (
    <>
      <PageHeader title={w.composeTitle} back={<BackTo path={paths.emails} label={w.back} />} />
      <SaveForm
        saving={saving}
        action={w.send}
        icon={<Send className="size-5" aria-hidden />}
        className="card space-y-5 p-5 sm:p-8"
      >
        <TextField label={w.recipient} type="email" limit={254} autoComplete="off" {...field("recipient")} />
        <TextField label={w.subject} limit={255} autoComplete="off" {...field("subject")} />
        <TextArea label={w.message} rows={10} limit={LONGEST_TEXT} {...field("body")} />
        <div className="sm:max-w-xs">
          <TextField
            label={w.schedule}
            optional
            type="datetime-local"
            help={w.scheduleHelp}
            {...field("scheduled_at")}
          />
        </div>
      </SaveForm>
    </>
  );
}

/** Or not chosen at all. */
function isToCome(time: string): boolean {
  return !time || new Date(time).getTime() > Date.now();
}
