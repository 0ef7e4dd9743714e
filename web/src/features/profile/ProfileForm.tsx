import { useForm } from "react-hook-form";
import type { User } from "../../api/schema";
import { type Language, takeLanguage, useWords } from "../../lib/language";
import { SaveForm } from "../../lib/SaveForm";
import { useSaving } from "../../lib/useSaving";
import { CheckField, SelectField, TextField } from "../../ui/Field";
import { type Profile, useUpdateProfile } from "./api";
import { profileWords } from "./words";

interface Values {
  first_name: string;
  last_name: string;
  phone: string;
  language: Language;
  ticket_mail: boolean;
}

const FIELDS = ["first_name", "last_name", "phone", "language", "ticket_mail"] as const;

/** One's own data. The language is the application's at once, and that of the e-mails. */
export function ProfileForm({ profile, onReload }: { profile: Profile; onReload: () => void }) {
  const w = useWords(profileWords);
  const update = useUpdateProfile();
  const form = useForm<Values, unknown, Values>({
    // The language is also changed in the menu.
    values: toValues(profile.row),
    resetOptions: { keepDirtyValues: true },
  });
  const { errors, isDirty, dirtyFields } = form.formState;
  const saving = useSaving(form, {
    name: "profile",
    version: profile.version,
    fields: FIELDS,
    onSave: async (values, write) => {
      const changes = Object.fromEntries(Object.entries(values).filter(([name]) => name in dirtyFields));
      const { row } = await update.mutateAsync({ changes, write });
      if ("language" in changes) takeLanguage(values.language);
      form.reset(toValues(row));
      return { message: ("language" in changes ? profileWords[values.language] : w).saved };
    },
  });
  const field = (name: keyof Values) => ({ error: errors[name]?.message, ...form.register(name) });

  return (
    <section aria-labelledby="data" className="card p-5 sm:p-8">
      <h2 id="data" className="mb-5 text-xl font-light">
        {w.data}
      </h2>
      <SaveForm saving={saving} action={w.save} disabled={!isDirty} onReload={onReload} className="space-y-5">
        <div className="grid gap-5 md:grid-cols-2">
          <TextField
            label={w.firstName}
            optional
            limit={150}
            autoComplete="given-name"
            {...field("first_name")}
          />
          <TextField
            label={w.lastName}
            optional
            limit={150}
            autoComplete="family-name"
            {...field("last_name")}
          />
          <TextField label={w.email} help={w.emailHelp} value={profile.row.email} readOnly />
          <TextField
            label={w.phone}
            optional
            type="tel"
            placeholder="+221 77 123 45 67"
            autoComplete="tel"
            {...field("phone")}
          />
          <SelectField label={w.language} help={w.languageHelp} {...field("language")}>
            <option value="fr">{w.french}</option>
            <option value="en">{w.english}</option>
          </SelectField>
        </div>
        {profile.row.is_admin && (
          <CheckField label={w.ticketMail} help={w.ticketMailHelp} {...field("ticket_mail")} />
        )}
      </SaveForm>
    </section>
  );
}

function toValues({ first_name, last_name, phone, language, ticket_mail }: User): Values {
  return { first_name, last_name, phone, language: language === "en" ? "en" : "fr", ticket_mail };
}
