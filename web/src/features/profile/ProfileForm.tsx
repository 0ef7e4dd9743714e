import { useForm } from "react-hook-form";
import { useShowErrors } from "../../api/explain";
import type { User } from "../../api/schema";
import { type Language, takeLanguage, useWords } from "../../lib/language";
import { SaveError } from "../../lib/SaveError";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useUnsaved } from "../../lib/useUnsaved";
import { Button } from "../../ui/Button";
import { SelectField, TextField } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { type Profile, useUpdateProfile } from "./api";
import { profileWords } from "./words";

interface Values {
  first_name: string;
  last_name: string;
  phone: string;
  language: Language;
}

const FIELDS = ["first_name", "last_name", "phone", "language"] as const;

/** One's own data. The language is the application's at once, and that of the e-mails. */
export function ProfileForm({ profile, onReload }: { profile: Profile; onReload: () => void }) {
  const w = useWords(profileWords);
  const update = useUpdateProfile();
  const form = useForm<Values, unknown, Values>({
    // The language is also changed in the menu.
    values: toValues(profile.row),
    resetOptions: { keepDirtyValues: true },
  });
  const showErrors = useShowErrors(form, FIELDS);
  const unsaved = useUnsaved(form);
  const { errors, isSubmitting, isDirty, dirtyFields } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const changes = Object.fromEntries(Object.entries(values).filter(([name]) => name in dirtyFields));
    try {
      const { row } = await update.mutateAsync({ changes, version: profile.version });
      if ("language" in changes) takeLanguage(values.language);
      form.reset(toValues(row));
      toast.done(("language" in changes ? profileWords[values.language] : w).saved);
    } catch (error) {
      showErrors(error);
    }
  });
  const field = (name: keyof Values) => ({ error: errors[name]?.message, ...form.register(name) });

  return (
    <section aria-labelledby="data" className="card p-5 sm:p-8">
      <h2 id="data" className="mb-5 text-xl font-light">
        {w.data}
      </h2>
      <form noValidate onSubmit={(event) => void submit(event)} className="space-y-5">
        <UnsavedGuard when={unsaved} />
        <SaveError message={errors.root?.message} error={update.error} onReload={onReload} />
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
        <div className="flex justify-end">
          <Button type="submit" busy={isSubmitting} disabled={!isDirty} className="w-full sm:w-auto">
            {w.save}
          </Button>
        </div>
      </form>
    </section>
  );
}

function toValues({ first_name, last_name, phone, language }: User): Values {
  return { first_name, last_name, phone, language: language === "en" ? "en" : "fr" };
}
