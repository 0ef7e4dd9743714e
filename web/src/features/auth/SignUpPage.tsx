import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import * as z from "zod/mini";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { SaveBar } from "../../lib/SaveBar";
import { useSending } from "../../lib/useSending";
import { CheckField, PasswordField, TextField } from "../../ui/Field";
import { signUp } from "./api";
import { SlatePage, ON_SLATE } from "../../ui/SlatePage";
import { LegalLinks, useLegal } from "./LegalLinks";
import { authWords } from "./words";

const EMPTY = { first_name: "", last_name: "", email: "", password: "", accept: false };

export function Component() {
  const w = useWords(authWords);
  const hasLegal = useLegal().length > 0;
  const schema = useMemo(
    () =>
      z.object({
        first_name: z.string(),
        last_name: z.string(),
        email: z.string().check(z.trim(), z.minLength(1, w.required), z.email(w.badEmail)),
        password: z.string().check(z.minLength(8, w.short)),
        accept: z.boolean().check(z.refine((accepted) => accepted || !hasLegal, w.mustAccept)),
      }),
    [w, hasLegal],
  );
  const form = useForm({ resolver: zodResolver(schema), defaultValues: EMPTY });
  const { errors } = form.formState;
  const fields = ["first_name", "last_name", "email", "password"] as const;
  const sending = useSending(form, fields, ({ accept: _accepted, ...registration }, write) =>
    signUp(registration, write),
  );

  return (
    <SlatePage
      title={w.signUpTitle}
      links={
        <p>
          {w.account}{" "}
          <Link to={paths.signIn} className={ON_SLATE}>
            {w.signIn}
          </Link>
        </p>
      }
    >
      <form noValidate onSubmit={sending.submit} className="space-y-5">
        <TextField
          look="line"
          autoComplete="given-name"
          label={w.firstName}
          error={errors.first_name?.message}
          {...form.register("first_name")}
        />
        <TextField
          look="line"
          autoComplete="family-name"
          label={w.lastName}
          error={errors.last_name?.message}
          {...form.register("last_name")}
        />
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
          autoComplete="new-password"
          label={w.password}
          help={w.passwordHelp}
          error={errors.password?.message}
          {...form.register("password")}
        />
        {hasLegal && (
          <div>
            <CheckField label={w.accept} error={errors.accept?.message} {...form.register("accept")} />
            <LegalLinks className="text-sm underline" />
          </div>
        )}
        <SaveBar saving={sending} action={w.signUp} wide />
      </form>
    </SlatePage>
  );
}
