import { zodResolver } from "@hookform/resolvers/zod";
import { Send } from "lucide-react";
import { useMemo } from "react";
import { useController, useForm } from "react-hook-form";
import { useNavigate } from "react-router";
import * as z from "zod/mini";
import { useShowErrors } from "../../api/explain";
import type { Person } from "../../api/schema";
import { fullName } from "../../lib/format";
import { BackTo } from "../../lib/BackTo";
import { LONGEST_MESSAGE } from "../../lib/Composer";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { useAtMost } from "../../lib/useAtMost";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useUnsaved } from "../../lib/useUnsaved";
import { Button } from "../../ui/Button";
import { FormError, TextArea } from "../../ui/Field";
import { PageHeader } from "../../ui/Page";
import { toast } from "../../ui/Toast";
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
  const navigate = useNavigate();
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
  const showErrors = useShowErrors(form, ["recipient_id", "content"]);
  const { errors, isSubmitting } = form.formState;
  const wouldLose = useUnsaved(form);

  const submit = form.handleSubmit(async ({ recipient_id: person, content }) => {
    if (!person) return;
    try {
      await send.mutateAsync({ recipient_id: person.id, content });
    } catch (error) {
      showErrors(error);
      return;
    }
    toast.done(w.sent(fullName(person)));
    await navigate(paths.conversation(person.id));
  });

  return (
    <>
      <PageHeader title={w.writeTitle} back={<BackTo path={paths.messages} label={w.back} />} />
      <form
        noValidate
        onSubmit={(event) => void submit(event)}
        className="card max-w-3xl space-y-5 p-5 sm:p-8"
      >
        <UnsavedGuard when={wouldLose} />
        <FormError message={errors.root?.message} />
        <RecipientField field={recipient.field} error={errors.recipient_id?.message} />
        <TextArea
          label={w.message}
          rows={8}
          limit={LONGEST_MESSAGE}
          error={errors.content?.message}
          {...form.register("content")}
        />
        <div className="flex justify-end">
          <Button
            type="submit"
            busy={isSubmitting}
            icon={<Send className="size-4" aria-hidden />}
            className="w-full sm:w-auto"
          >
            {w.send}
          </Button>
        </div>
      </form>
    </>
  );
}
