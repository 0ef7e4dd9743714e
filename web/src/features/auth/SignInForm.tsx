import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { useWords } from "../../lib/language";
import { SaveBar } from "../../lib/SaveBar";
import { useSending } from "../../lib/useSending";
import { CheckField, PasswordField, TextField } from "../../ui/Field";
import { signIn } from "./api";
import { authWords } from "./words";

interface Props {
  /** Whether one comes back to something. */
  goesOn: boolean;
  /** The address of the account, where it is known. */
  email?: string;
}

export function SignInForm({ goesOn, email = "" }: Props) {
  const w = useWords(authWords);
  const schema = useMemo(
    () =>
      z.object({
        email: z.string().check(z.trim(), z.minLength(1, w.required)),
        password: z.string().check(z.minLength(1, w.required)),
        keep: z.boolean(),
      }),
    [w],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { email, password: "", keep: false },
  });
  const { errors } = form.formState;
  const sending = useSending(form, ["email", "password"], ({ email, password, keep }, write) =>
    signIn({ email, password }, keep, write),
  );

  return (
    <form noValidate onSubmit={sending.submit} className="space-y-5">
      {goesOn && !errors.root && (
        <p className="rounded-lg bg-accent-pale px-4 py-3 text-sm text-accent-ink">{w.expired}</p>
      )}
      <TextField
        look="line"
        type="email"
        autoComplete="username"
        label={w.email}
        error={errors.email?.message}
        {...form.register("email")}
      />
      <PasswordField
        look="line"
        autoComplete="current-password"
        label={w.password}
        error={errors.password?.message}
        {...form.register("password")}
      />
      <CheckField label={w.keep} {...form.register("keep")} />
      <SaveBar saving={sending} action={w.signIn} wide />
    </form>
  );
}
