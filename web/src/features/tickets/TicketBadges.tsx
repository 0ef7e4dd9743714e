import { useWords } from "../../lib/language";
import { Badge, type Tone } from "../../ui/Badge";
import { ticketWords } from "./words";

const STATUS_TONES: Record<string, Tone> = { open: "good", in_progress: "info" };
const PRIORITY_TONES: Record<string, Tone> = { medium: "busy", high: "bad" };

export function StatusBadge({ status }: { status: string }) {
  const w = useWords(ticketWords);
  return <Badge tone={STATUS_TONES[status] ?? "neutral"}>{w.statuses[status] ?? status}</Badge>;
}

export function PriorityBadge({ priority }: { priority: string }) {
  const w = useWords(ticketWords);
  return <Badge tone={PRIORITY_TONES[priority] ?? "neutral"}>{w.priorities[priority] ?? priority}</Badge>;
}
