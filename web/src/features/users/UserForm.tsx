import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { Link } from "react-router";
import * as z from "zod/mini";
import type { Versioned, Write } from "../../api/client";
import type { PartialUserChanges, User } from "../../api/schema";
import { useUser } from "../../api/session";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { SaveForm } from "../../lib/SaveForm";
import { useAtMost } from "../../lib/useAtMost";
import { useSaving } from "../../lib/useSaving";
import type { Saved } from "../../lib/useSubmission";
import { CheckField, PasswordField, SelectField, TextField } from "../../ui/Field";
import { RadioGroup } from "../../ui/RadioGroup";
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
  ticket_mail: true,
};

/** What the API is sent: `invite` for a new account whose owner chooses the password. */
export type UserFormChanges = PartialUserChanges & { invite?: true };

type Values = typeof EMPTY;

const FIELDS = Object.keys(EMPTY) as (keyof Values)[];

interface Props {
  /** The account to edit; none for a new one. */
  user?: Versioned<User>;
  /** Saves what has changed. Throws what the API says. */
  onSave: (changes: UserFormChanges, write: Write) => Promise<Saved>;
  /** Starts again from the account as it is now. */
  onReload?: () => void;
}

/** One form to create and to edit. Only what was changed is sent. */
export function UserForm({ user: versioned, onSave, onReload }: Props) {
  const user = versioned?.row;
  const w = useWords(userWords);
  const language = useLanguage();
  const isOwn = useUser().id === user?.id;
  const atMost = useAtMost();
  const [isInvited, setIsInvited] = useState(user === undefined);
  const schema = useMemo(() => {
    const long = z.string().check(z.minLength(8, w.short));
    return z.object({
      email: z.string().check(z.trim(), z.minLength(1, w.required), z.email(w.badEmail)),
      first_name: z.string().check(atMost(150)),
      last_name: z.string().check(atMost(150)),
      phone: z.string(),
      language: z.string(),
      password: isInvited ? z.string() : user ? z.union([z.literal(""), long], w.short) : long,
      is_admin: z.boolean(),
      is_active: z.boolean(),
      ticket_mail: z.boolean(),
    });
  }, [w, user, atMost, isInvited]);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema),
    defaultValues: user ? { ...user, password: "" } : { ...EMPTY, language },
  });
  const { errors, dirtyFields } = form.formState;
  const saving = useSaving(form, {
    name: user ? `user ${user.id}` : "user",
    version: versioned?.version,
    fields: FIELDS,
    secrets: ["password"],
    onSave: (values, write) => {
      const { password, ...rest } = { ...values, language: values.language as Language };
      const all = Object.entries(isInvited ? { ...rest, invite: true } : { ...rest, password });
      return onSave(Object.fromEntries(all.filter(([name]) => !user || name in dirtyFields)), write);
    },
  });
  const isAdmin = useWatch({ control: form.control, name: "is_admin" });
  const field = (name: keyof Values) => ({ error: errors[name]?.message, ...form.register(name) });

  return (
    <SaveForm saving={saving} action={w.save} onReload={onReload} className="card space-y-5 p-5 sm:p-8">
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
        {!user && (
          <RadioGroup
            name="access"
            label={w.access}
            choices={w.accesses}
            defaultValue="invite"
            help={isInvited ? w.invitationHelp : undefined}
            onChange={(value) => setIsInvited(value === "invite")}
          />
        )}
        {!isOwn && !isInvited && (
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
      {isAdmin && <CheckField label={w.ticketMail} help={w.ticketMailHelp} {...field("ticket_mail")} />}
    </SaveForm>
  );
}
