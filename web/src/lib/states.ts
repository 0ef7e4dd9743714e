import type { Tone } from "../ui/Badge";
import { words } from "./language";

/** A name for each state that the API knows, wherever it is shown. */
interface States {
  ticket: Record<string, string>;
  email: Record<string, string>;
}

export const stateWords = words<States>(
  {
    ticket: { open: "Ouvert", in_progress: "En cours", closed: "Fermé" },
    email: {
      pending: "En attente",
      sending: "En cours d'envoi",
      sent: "Envoyé",
      failed: "Échec",
      cancelled: "Annulé",
      bounced: "Rejeté",
      complained: "Plainte",
    },
  },
  {
    ticket: { open: "Open", in_progress: "In progress", closed: "Closed" },
    email: {
      pending: "Waiting",
      sending: "Sending",
      sent: "Sent",
      failed: "Failed",
      cancelled: "Cancelled",
      bounced: "Bounced",
      complained: "Complaint",
    },
  },
);

/** The tone of a state's badge; neutral where none is said. */
export const TONES: Record<keyof States, Record<string, Tone>> = {
  ticket: { open: "good", in_progress: "info" },
  email: { pending: "busy", sending: "info", sent: "good", failed: "bad", bounced: "bad", complained: "bad" },
};
