import { zodResolver } from "@hookform/resolvers/zod";
import { Send } from "lucide-react";
import { useMemo } from "react";
import { useController, useForm } from "react-hook-form";
import * as z from "zod/mini";
import type { Person } from "../../api/schema";
import { fullName } from "../../lib/format";
import { BackTo } from "../../lib/BackTo";
import { LONGEST_MESSAGE } from "../../lib/Composer";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { useAtMost } from "../../lib/useAtMost";
import { SaveForm } from "../../lib/SaveForm";
import { useSaving } from "../../lib/useSaving";
import { TextArea } from "../../ui/Field";
import { PageHeader } from "../../ui/Page";
import { useSend } from "./api";
import { RecipientField } from "./RecipientField";
import { messageWords } from "./words";

interface Values {
  /** Named as the API names what is wrong with it. */
  recipient_id: Person | null;
  content: string;
}

export function Component() {
  const w = useWords(messageWords);
  const send = useSend();
  const atMost = useAtMost();
  const schema = useMemo(
    () =>
      z.object({
        recipient_id: z.nullable(z.custom<Person>()).check(z.refine(Boolean, w.chooseRecipient)),
        content: z.string().check(z.trim(), z.minLength(1, w.required), atMost(LONGEST_MESSAGE)),
      }),
    [w, atMost],
  );
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema),
    defaultValues: { recipient_id: null, content: "" },
  });
  // Named before the text, so that it gets the focus first where both are wrong.
  const recipient = useController({ control: form.control, name: "recipient_id" });
  const { errors } = form.formState;
  const saving = useSaving(form, {
    name: "message",
    fields: ["recipient_id", "content"],
    onSave: async ({ recipient_id: person, content }, write) => {
      if (!person) return {};
      await send.mutateAsync({ message: { recipient_id: person.id, content }, write });
      return { message: w.sent(fullName(person)), to: paths.conversation(person.id) };
    },
  });

  return (
    <>
      <PageHeader title={w.writeTitle} back={<BackTo path={paths.messages} label={w.back} />} />
      <SaveForm
        saving={saving}
        action={w.send}
        icon={<Send className="size-4" aria-hidden />}
        className="card max-w-3xl space-y-5 p-5 sm:p-8"
      >
        <RecipientField field={recipient.field} error={errors.recipient_id?.message} />
        <TextArea
          label={w.message}
          rows={8}
          limit={LONGEST_MESSAGE}
          error={errors.content?.message}
          {...form.register("content")}
        />
      </SaveForm>
    </>
  );
}
