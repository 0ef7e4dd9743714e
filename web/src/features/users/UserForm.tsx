import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import * as z from "zod/mini";
import { useShowErrors } from "../../api/explain";
import type { PartialUserChanges, User } from "../../api/schema";
import { useUser } from "../../api/session";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { SaveError } from "../../lib/SaveError";
import { useAtMost } from "../../lib/useAtMost";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useUnsaved } from "../../lib/useUnsaved";
import { Button } from "../../ui/Button";
import { CheckField, PasswordField, SelectField, TextField } from "../../ui/Field";
import { userWords } from "./words";

const EMPTY = {
  email: "",
  first_name: "",
  last_name: "",
  phone: "",
  language: "fr",
  password: "",
  is_admin: false,
  is_active: true,
};

type Values = typeof EMPTY;

const FIELDS = Object.keys(EMPTY) as (keyof Values)[];

interface Props {
  /** The account to edit; none for a new one. */
  user?: User;
  /** Saves what has changed and goes elsewhere. Throws what the API says. */
  onSave: (changes: PartialUserChanges) => Promise<void>;
  /** What the last attempt threw. */
  error: unknown;
  /** Starts again from the account as it is now. */
  onReload: () => void;
}

/** One form to create and to edit. Only what was changed is sent. */
export function UserForm({ user, onSave, error, onReload }: Props) {
  const w = useWords(userWords);
  const language = useLanguage();
  const isOwn = useUser().id === user?.id;
  const atMost = useAtMost();
  const schema = useMemo(() => {
    const long = z.string().check(z.minLength(8, w.short));
    return z.object({
      email: z.string().check(z.trim(), z.minLength(1, w.required), z.email(w.badEmail)),
      first_name: z.string().check(atMost(150)),
      last_name: z.string().check(atMost(150)),
      phone: z.string(),
      language: z.string(),
      password: user ? z.union([z.literal(""), long], w.short) : long,
      is_admin: z.boolean(),
      is_active: z.boolean(),
    });
  }, [w, user, atMost]);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema),
    defaultValues: user ? { ...user, password: "" } : { ...EMPTY, language },
  });
  const showErrors = useShowErrors(form, FIELDS);
  const unsaved = useUnsaved(form);
  const { errors, isSubmitting, isSubmitSuccessful, dirtyFields } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const all = { ...values, language: values.language as Language };
    const changed = Object.fromEntries(Object.entries(all).filter(([name]) => !user || name in dirtyFields));
    await onSave(changed).catch(showErrors);
  });
  const field = (name: keyof Values) => ({ error: errors[name]?.message, ...form.register(name) });

  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="card space-y-5 p-5 sm:p-8">
      <UnsavedGuard when={unsaved} />
      <SaveError message={errors.root?.message} error={error} onReload={onReload} />
      <div className="grid gap-5 md:grid-cols-2">
        <TextField label={w.firstName} optional limit={150} autoComplete="off" {...field("first_name")} />
        <TextField label={w.lastName} optional limit={150} autoComplete="off" {...field("last_name")} />
        <TextField label={w.email} type="email" limit={254} autoComplete="off" {...field("email")} />
        <TextField
          label={w.phone}
          optional
          type="tel"
          placeholder="+221 77 123 45 67"
          autoComplete="off"
          {...field("phone")}
        />
        <SelectField label={w.language} help={w.languageHelp} {...field("language")}>
          <option value="fr">{w.french}</option>
          <option value="en">{w.english}</option>
        </SelectField>
        {!isOwn && (
          <PasswordField
            label={user ? w.newPassword : w.password}
            optional={user !== undefined}
            help={user ? w.newPasswordHelp : w.passwordHelp}
            autoComplete="new-password"
            {...field("password")}
          />
        )}
      </div>
      {isOwn ? (
        <p className="text-ink-soft">
          {w.own}{" "}
          <Link to={paths.profile} className="text-ink underline">
            {w.ownPassword}
          </Link>
        </p>
      ) : (
        <div className="grid gap-5 md:grid-cols-2">
          <CheckField label={w.isAdmin} help={w.isAdminHelp} {...field("is_admin")} />
          <CheckField label={w.isActive} help={w.isActiveHelp} {...field("is_active")} />
        </div>
      )}
      <div className="flex justify-end">
        <Button type="submit" busy={isSubmitting || isSubmitSuccessful} className="w-full sm:w-auto">
          {w.save}
        </Button>
      </div>
    </form>
  );
}
