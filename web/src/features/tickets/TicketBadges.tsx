import { useWords } from "../../lib/language";
import { stateWords, TONES } from "../../lib/states";
import { Badge, type Tone } from "../../ui/Badge";
import { ticketWords } from "./words";

const PRIORITY_TONES: Record<string, Tone> = { medium: "busy", high: "bad" };

export function StatusBadge({ status }: { status: string }) {
  const states = useWords(stateWords).ticket;
  return <Badge tone={TONES.ticket[status] ?? "neutral"}>{states[status] ?? status}</Badge>;
}

export function PriorityBadge({ priority }: { priority: string }) {
  const w = useWords(ticketWords);
  return <Badge tone={PRIORITY_TONES[priority] ?? "neutral"}>{w.priorities[priority] ?? priority}</Badge>;
}
