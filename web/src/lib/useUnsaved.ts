import { useCallback, useEffect, useRef } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";

/** A function that tells whether leaving a form now would lose what was typed. What is being saved is not lost. */
export function useUnsaved<T extends FieldValues>(form: UseFormReturn<T, unknown, T>): () => boolean {
  const { isDirty, isSubmitting } = form.formState;
  const unsaved = useRef(false);
  useEffect(() => {
    unsaved.current = isDirty && !isSubmitting;
  }, [isDirty, isSubmitting]);
  return useCallback(() => unsaved.current, []);
}
