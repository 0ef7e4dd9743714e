import { type SyntheticEvent, useCallback, useEffect, useRef, useState } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import type { Write } from "../api/client";
import { useShowErrors } from "../api/explain";
import { useSession } from "../api/session";
import { type Saved, useSubmission } from "./useSubmission";

interface Options<T extends FieldValues> {
  /** Names the form, and its row where it has one. */
  name: string;
  /** The version of the row that is being changed. */
  version?: string | undefined;
  /** The fields, in the order of the screen. */
  fields: readonly Path<T>[];
  /** Fields that are not kept in a draft: passwords. */
  secrets?: readonly Path<T>[];
  /** Saves the values. Throws what the API says. */
  onSave: (values: T, write: Write) => Promise<Saved>;
  /** Shows what the API says where the fields alone are not enough. Returns what is left to show. */
  onError?: (error: unknown) => unknown;
  /** Called when the values of the form itself are wrong. */
  onInvalid?: () => void;
}

/** Everything around the fields of a form that saves: see `SaveForm`, which shows it. */
export function useSaving<T extends FieldValues>(form: UseFormReturn<T, unknown, T>, options: Options<T>) {
  const { name, version, fields, secrets = [], onSave, onError, onInvalid } = options;
  const user = useSession()?.user.id;
  // Where the session ends while the form is open, the draft stays that of its owner.
  const [owner] = useState(user);
  const { isDirty, dirtyFields, errors, defaultValues } = form.formState;
  const isKept = isDirty && Object.keys(dirtyFields).some((field) => !secrets.includes(field as Path<T>));
  const isTyped = useRef(isKept);
  useEffect(() => {
    isTyped.current = isKept;
  }, [isKept]);
  const read = () => {
    if (!isTyped.current) return undefined;
    const values: Partial<T> = { ...form.getValues() };
    for (const secret of secrets) delete values[secret];
    return values;
  };
  const { restored, submit, ...submission } = useSubmission<Partial<T>>({ name, owner, version, read });
  const { touch, discard } = submission;
  // The attempt that was under way at a reload may have saved all of it.
  const isRestored =
    restored !== undefined &&
    Object.entries(restored).some(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(defaultValues?.[field]),
    );
  const showErrors = useShowErrors(form, fields);

  const { reset, watch, clearErrors } = form;
  useEffect(() => {
    if (restored) reset((before) => ({ ...before, ...restored }), { keepDefaultValues: true });
  }, [restored, reset]);
  useEffect(() => {
    const { unsubscribe } = watch(() => {
      clearErrors("root");
      touch();
    });
    return unsubscribe;
  }, [watch, clearErrors, touch]);

  const send = form.handleSubmit((values) => {
    const save = (write: Write) => onSave(values, write);
    return submit(values, save, (error) => {
      const rest = onError ? onError(error) : error;
      if (rest) showErrors(rest);
    });
  }, onInvalid);

  return {
    ...submission,
    isRestored,
    message: errors.root?.message,
    submit: (event: SyntheticEvent) => void send(event),
    clearError: useCallback(() => clearErrors("root"), [clearErrors]),
    /** The same action, which also forgets the draft. */
    discarding: (action: () => void) => () => {
      discard();
      action();
    },
    startAgain: useCallback(() => {
      discard();
      reset();
    }, [discard, reset]),
  };
}

export type Saving = ReturnType<typeof useSaving>;
