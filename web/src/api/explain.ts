import { useCallback } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { useWords, words } from "../lib/language";
import { ApiError, sentences } from "./error";

const text = words(
  {
    offline: "Vous êtes hors ligne. Vérifiez la connexion et réessayez.",
    lost: "La connexion au serveur a été coupée. Vérifiez-la.",
    slow: "Le serveur ne répond pas. Vérifiez la connexion.",
    stopped: "Vous avez interrompu la demande.",
    uncertain: "Elle a peut-être abouti : vérifiez avant de recommencer.",
    again: "Puis réessayez.",
    repeatable: "Réessayez sans rien modifier : rien ne sera enregistré deux fois.",
    unauthenticated: "Votre session a pris fin. Reconnectez-vous pour continuer.",
    forbidden: "Votre rôle ne le permet pas.",
    missing: "Cet élément n'existe pas, ou n'existe plus.",
    conflict: "L'état actuel de cet élément ne le permet pas.",
    changed: "Quelqu'un d'autre a modifié cet élément entre-temps. Rechargez-le pour voir sa version.",
    refused: "Le serveur refuse ces données.",
    invalid: "Certaines valeurs ne conviennent pas.",
    throttled: (wait: string) => `Trop de demandes. Réessayez ${wait}.`,
    unavailable: "Le service est momentanément indisponible. Réessayez dans un instant.",
    failed: "Une erreur est survenue de notre côté. Réessayez, ou signalez-la.",
    soon: "dans un instant",
    seconds: (n: number) => `dans ${n} seconde${n > 1 ? "s" : ""}`,
    minutes: (n: number) => `dans ${n} minute${n > 1 ? "s" : ""}`,
    reference: "référence",
  },
  {
    offline: "You are offline. Check the connection and try again.",
    lost: "The connection to the server was cut. Check it.",
    slow: "The server does not answer. Check the connection.",
    stopped: "You stopped the request.",
    uncertain: "It may have worked: check before you try again.",
    again: "Then try again.",
    repeatable: "Try again without changing anything: nothing will be saved twice.",
    unauthenticated: "Your session has ended. Sign in again to go on.",
    forbidden: "Your role does not allow that.",
    missing: "This does not exist, or no longer does.",
    conflict: "Its present state does not allow that.",
    changed: "Somebody else has changed this meanwhile. Reload it to see their version.",
    refused: "The server refuses this data.",
    invalid: "Some values do not fit.",
    throttled: (wait: string) => `Too many requests. Try again ${wait}.`,
    unavailable: "The service is unavailable for a moment. Try again shortly.",
    failed: "Something went wrong on our side. Try again, or report it.",
    soon: "in a moment",
    seconds: (n: number) => `in ${n} second${n > 1 ? "s" : ""}`,
    minutes: (n: number) => `in ${n} minute${n > 1 ? "s" : ""}`,
    reference: "reference",
  },
);

/** A function from what was thrown to a sentence for people, in their language. */
export function useExplain(): (error: unknown) => string {
  const w = useWords(text);
  return useCallback(
    (error: unknown) => {
      if (!(error instanceof ApiError)) return w.failed;
      const wait = error.retryAfter;
      switch (error.kind) {
        case "throttled":
          if (wait === undefined) return w.throttled(w.soon);
          return w.throttled(wait < 90 ? w.seconds(wait) : w.minutes(Math.ceil(wait / 60)));
        case "failed":
          return error.requestId ? `${w.failed} (${w.reference} ${error.requestId})` : w.failed;
        case "invalid":
          return error.detail ?? sentences(error.fields)[0] ?? w.invalid;
        case "forbidden":
        case "conflict":
        case "refused":
          return error.detail ?? w[error.kind];
        case "lost":
        case "slow":
          return `${w[error.kind]} ${error.isRepeatable ? w.repeatable : w.again}`;
        case "stopped":
          return `${w.stopped} ${error.isRepeatable ? w.repeatable : w.uncertain}`;
        default:
          return w[error.kind];
      }
    },
    [w],
  );
}

/**
 * Shows what the API said at the fields of a form, and everything else above it, as the error `root`. `names` are the
 * form's fields. The first field that is wrong gets the focus.
 */
export function useShowErrors<T extends FieldValues>(
  form: UseFormReturn<T, unknown, T>,
  names: readonly Path<T>[],
) {
  const explain = useExplain();
  return (error: unknown) => {
    const fields = error instanceof ApiError ? error.fields : {};
    const known = names.filter((name) => name in fields);
    for (const [index, name] of known.entries()) {
      form.setError(
        name,
        { type: "server", message: sentences(fields[name]).join(" ") },
        { shouldFocus: index === 0 },
      );
    }
    const rest = Object.entries(fields).filter(([name]) => !known.includes(name as Path<T>));
    if (known.length === 0 || rest.length > 0) {
      const said = rest.flatMap(([, value]) => sentences(value)).join(" ");
      form.setError("root", { type: "server", message: said || explain(error) });
    }
  };
}
