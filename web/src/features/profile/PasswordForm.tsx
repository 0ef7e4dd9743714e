import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { ApiError } from "../../api/error";
import { useUser } from "../../api/session";
import { useWords } from "../../lib/language";
import { SaveBar } from "../../lib/SaveBar";
import { useSending } from "../../lib/useSending";
import { PasswordField } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { useChangePassword } from "./api";
import { profileWords } from "./words";

const EMPTY = { current_password: "", new_password: "", repeat: "" };

export function PasswordForm() {
  const w = useWords(profileWords);
  const { email } = useUser();
  const change = useChangePassword();
  const schema = useMemo(
    () =>
      z
        .object({
          current_password: z.string().check(z.minLength(1, w.required)),
          new_password: z.string().check(z.minLength(8, w.short)),
          repeat: z.string(),
        })
        .check(
          z.refine(({ new_password, repeat }) => new_password === repeat, {
            path: ["repeat"],
            error: w.differ,
          }),
        ),
    [w],
  );
  const form = useForm({ resolver: zodResolver(schema), defaultValues: EMPTY });
  const { errors } = form.formState;
  const fields = ["current_password", "new_password"] as const;
  const sending = useSending(form, fields, async ({ repeat: _same, ...passwords }, write) => {
    const mayBeChanged = write.isUncertain;
    try {
      await change.mutateAsync({ change: passwords, write });
    } catch (error) {
      const isWrong = error instanceof ApiError && "current_password" in error.fields;
      if (isWrong && mayBeChanged) throw new ApiError("invalid", { detail: w.mayBeChanged });
      throw error;
    }
    form.reset();
    toast.done(w.changed);
  });
  const field = (name: keyof typeof EMPTY) => ({
    error: errors[name]?.message,
    ...form.register(name),
  });

  return (
    <section aria-labelledby="password" className="card p-5 sm:p-8">
      <h2 id="password" className="text-xl font-light">
        {w.password}
      </h2>
      <p className="mt-1 mb-5 text-ink-soft">{w.passwordIntro}</p>
      <form noValidate onSubmit={sending.submit} className="space-y-5">
        {/* Tells a password manager whose password this is. */}
        <input type="text" autoComplete="username" value={email} readOnly hidden />
        <PasswordField label={w.current} autoComplete="current-password" {...field("current_password")} />
        <PasswordField
          label={w.next}
          help={w.nextHelp}
          autoComplete="new-password"
          {...field("new_password")}
        />
        <PasswordField label={w.repeat} autoComplete="new-password" {...field("repeat")} />
        <SaveBar saving={sending} action={w.change} />
      </form>
    </section>
  );
}
