import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo, useState } from "react";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import * as z from "zod/mini";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { SaveBar } from "../../lib/SaveBar";
import { useSending } from "../../lib/useSending";
import { TextField } from "../../ui/Field";
import { askForReset } from "./api";
import { SlatePage, ON_SLATE } from "../../ui/SlatePage";
import { authWords } from "./words";

export function Component() {
  const w = useWords(authWords);
  const [answer, setAnswer] = useState<string>();
  const schema = useMemo(
    () => z.object({ email: z.string().check(z.trim(), z.minLength(1, w.required), z.email(w.badEmail)) }),
    [w],
  );
  const form = useForm({ resolver: zodResolver(schema), defaultValues: { email: "" } });
  const { errors } = form.formState;
  const sending = useSending(form, ["email"], async (values, write) => {
    const { detail } = await askForReset(values, write);
    setAnswer(detail);
  });

  return (
    <SlatePage
      title={w.forgot}
      links={
        <Link to={paths.signIn} className={ON_SLATE}>
          {w.back}
        </Link>
      }
    >
      <div role="status">{answer && <p>{answer}</p>}</div>
      {!answer && (
        <form noValidate onSubmit={sending.submit} className="space-y-5">
          <p className="text-sm text-ink-soft">{w.forgotHelp}</p>
          <TextField
            look="line"
            type="email"
            autoComplete="username"
            label={w.yourEmail}
            error={errors.email?.message}
            {...form.register("email")}
          />
          <SaveBar saving={sending} action={w.send} wide />
        </form>
      )}
    </SlatePage>
  );
}
