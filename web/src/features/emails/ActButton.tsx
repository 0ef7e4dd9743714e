import { Ban, RotateCw } from "lucide-react";
import { useExplain } from "../../api/explain";
import type { Email } from "../../api/schema";
import { useWords } from "../../lib/language";
import { Button } from "../../ui/Button";
import { toast } from "../../ui/Toast";
import { canCancel, canRetry, useActOnEmail } from "./api";
import { emailWords } from "./words";

interface Props {
  email: Email;
  /** Nothing is sent to its recipient. */
  isBlocked: boolean;
  small?: boolean;
}

/** Sends an e-mail again or stops it, whichever its state allows. */
export function ActButton({ email, isBlocked, small }: Props) {
  const w = useWords(emailWords);
  const explain = useExplain();
  const mutation = useActOnEmail();
  const act = canRetry(email) && !isBlocked ? "retry" : canCancel(email) ? "cancel" : undefined;
  if (!act) return null;
  const Icon = act === "retry" ? RotateCw : Ban;
  const { label, named, done: said } = w.acts[act];
  return (
    <Button
      look="secondary"
      {...(small && { small, "aria-label": named(email.subject || w.noSubject) })}
      icon={<Icon className="size-4" aria-hidden />}
      busy={mutation.isPending}
      onClick={() =>
        void mutation.mutateAsync({ id: email.id, act }).then(
          () => toast.done(said),
          (error: unknown) => toast.failed(explain(error)),
        )
      }
    >
      {label}
    </Button>
  );
}
