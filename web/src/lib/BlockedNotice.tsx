import { Link } from "react-router";
import type { Suppression } from "../api/schema";
import { dateTime } from "./format";
import { useLanguage, useWords, words } from "./language";
import { paths } from "./paths";

interface Words {
  reasons: Record<Suppression["reason"], string>;
  since: (reason: string, time: string) => string;
  lift: string;
}

const text = words<Words>(
  {
    reasons: {
      bounced: "son serveur a refusé un e-mail",
      complained: "un e-mail y a été signalé comme indésirable",
    },
    since: (reason, time) =>
      `Adresse bloquée\u00a0: ${reason}. Depuis le ${time}, plus rien n'est envoyé à cette adresse.`,
    lift: "Voir et débloquer",
  },
  {
    reasons: {
      bounced: "its server refused an e-mail",
      complained: "an e-mail to it was reported as spam",
    },
    since: (reason, time) => `Address blocked: ${reason}. Nothing has been sent to it since ${time}.`,
    lift: "See and unblock it",
  },
);

/** Says why nothing is sent to an address, since when, and where an administrator changes that. */
export function BlockedNotice({ suppression }: { suppression: Suppression }) {
  const w = useWords(text);
  const language = useLanguage();
  const { reason, recipient, created_at: since } = suppression;
  return (
    <p className="rounded-lg bg-accent-pale px-4 py-3 text-accent-ink">
      {w.since(w.reasons[reason], dateTime(since, language))}{" "}
      <Link
        to={`${paths.suppressions}?search=${encodeURIComponent(recipient)}`}
        className="whitespace-nowrap underline"
      >
        {w.lift}
      </Link>
    </p>
  );
}
