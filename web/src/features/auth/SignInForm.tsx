import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { useShowErrors } from "../../api/explain";
import { useWords } from "../../lib/language";
import { Button } from "../../ui/Button";
import { CheckField, FormError, PasswordField, TextField } from "../../ui/Field";
import { signIn } from "./api";
import { authWords } from "./words";

/** `goesOn` where one comes back to something. */
export function SignInForm({ goesOn }: { goesOn: boolean }) {
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
    defaultValues: { email: "", password: "", keep: false },
  });
  const showErrors = useShowErrors(form, ["email", "password"]);
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(({ email, password, keep }) =>
    signIn({ email, password }, keep).catch(showErrors),
  );

  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="space-y-5">
      {goesOn && !errors.root && (
        <p className="rounded-lg bg-accent-pale px-4 py-3 text-sm text-accent-ink">{w.expired}</p>
      )}
      <FormError message={errors.root?.message} />
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
      <Button type="submit" busy={isSubmitting} className="w-full">
        {w.signIn}
      </Button>
    </form>
  );
}
