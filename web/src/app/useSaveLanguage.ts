import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { useExplain } from "../api/explain";
import type { User } from "../api/schema";
import { remember } from "../api/session";
import { chosenLanguage, type Language, takeLanguage, useWords, words } from "../lib/language";
import { EDITED } from "../lib/useEdited";
import { toast } from "../ui/Toast";

const text = words(
  {
    notSaved: (why: string) =>
      `La langue a changé ici, mais pas encore dans votre compte\u00a0: vos e-mails restent dans l'autre. ${why}`,
  },
  {
    notSaved: (why: string) =>
      `The language has changed here, but not in your account yet: your e-mails stay in the other one. ${why}`,
  },
);

/** Makes the language that was chosen the account's, so that its e-mails are written in it. */
export function useSaveLanguage(): (language: Language) => void {
  const w = useWords(text);
  const explain = useExplain();
  const client = useQueryClient();
  return useMutation({
    // One after the other: the last choice is the last to be saved.
    scope: { id: "language" },
    mutationFn: (language: Language) => api.patch<User>("/auth/me/", { language }),
    // An answer from before the change would undo it.
    onMutate: () => client.cancelQueries({ queryKey: ["me"] }),
    onSuccess: (profile) => {
      if (chosenLanguage() === profile.row.language) takeLanguage(profile.row.language);
      remember(profile.row);
      client.setQueryData(["me"], profile.row);
      client.setQueriesData({ queryKey: [EDITED, "profile"] }, profile);
    },
    onError: (error) => toast.failed(w.notSaved(explain(error))),
  }).mutate;
}
