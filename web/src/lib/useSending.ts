import type { SyntheticEvent } from "react";
import { useCallback, useEffect } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import type { Write } from "../api/client";
import { useShowErrors } from "../api/explain";
import { useAttempt } from "./useAttempt";

/** A form that sends something and keeps no draft: those before the sign-in, and those of passwords. See `SaveBar`. */
export function useSending<T extends FieldValues>(
  form: UseFormReturn<T, unknown, T>,
  fields: readonly Path<T>[],
  onSend: (values: T, write: Write) => Promise<void>,
) {
  const { run, isBusy, isSlow, error, cancel } = useAttempt();
  const showErrors = useShowErrors(form, fields);
  const { watch, clearErrors } = form;
  const clearError = useCallback(() => clearErrors("root"), [clearErrors]);
  useEffect(() => {
    const { unsubscribe } = watch(clearError);
    return unsubscribe;
  }, [watch, clearError]);
  const send = form.handleSubmit((values) =>
    run(values, undefined, (write) => onSend(values, write)).catch(showErrors),
  );
  return {
    isBusy,
    isSlow,
    error,
    cancel,
    clearError,
    message: form.formState.errors.root?.message,
    submit: (event: SyntheticEvent) => void send(event),
  };
}
