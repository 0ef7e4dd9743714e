import { useWords, words } from "../lib/language";
import { useSignOutQuestion } from "../lib/leaving";
import { ConfirmDialog } from "../ui/Dialog";

const text = words(
  {
    title: "Se déconnecter sans enregistrer ?",
    body: "Ce que vous avez saisi n'est pas enregistré. Vous le retrouverez dans cet onglet en vous reconnectant.",
    confirm: "Se déconnecter",
    cancel: "Continuer la saisie",
  },
  {
    title: "Sign out without saving?",
    body: "What you have typed is not saved. You will find it in this tab when you sign in again.",
    confirm: "Sign out",
    cancel: "Go on typing",
  },
);

/** Asks before somebody signs out of a screen with something typed. */
export function SignOutQuestion() {
  const w = useWords(text);
  const { isOpen, confirm, cancel } = useSignOutQuestion();
  return (
    <ConfirmDialog
      open={isOpen}
      title={w.title}
      body={w.body}
      confirm={w.confirm}
      cancel={w.cancel}
      onConfirm={confirm}
      onCancel={cancel}
    />
  );
}
