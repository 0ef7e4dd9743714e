import type { Dashboard } from "../../api/schema";
import { number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { stateWords } from "../../lib/states";
import { type Bar, Bars } from "../../ui/Bars";
import { Chart } from "../../ui/Chart";
import { COLORS } from "./colors";
import { dashboardWords } from "./words";

/** Neither good nor bad: that is in the words. */
const STATE_COLOR = "var(--color-slate-soft)";

/** Tickets and e-mails by their state. */
export function States({ dashboard }: { dashboard: Dashboard }) {
  const w = useWords(dashboardWords);
  const states = useWords(stateWords);
  const emails = byState(dashboard.emails_by_status, states.email);
  return (
    <>
      <Breakdown
        title={w.ticketStates}
        column={w.state}
        bars={byState(dashboard.tickets_by_status, states.ticket)}
        color={STATE_COLOR}
      />
      {emails.length > 0 && (
        <Breakdown title={w.emailStates} column={w.state} bars={emails} color={STATE_COLOR} />
      )}
    </>
  );
}

export function Cities({ cities }: { cities: Dashboard["hotels_by_city"] }) {
  const w = useWords(dashboardWords);
  const bars = cities.map(({ city, count }) => ({ label: city, value: count }));
  return <Breakdown title={w.byCity} column={w.city} bars={bars} color={COLORS.hotels} none={w.noHotels} />;
}

/** In the order of their lives, which is that of the words. */
function byState(counts: Record<string, number>, words: Record<string, string>): Bar[] {
  return Object.entries(words).flatMap(([state, label]) => {
    const value = counts[state];
    return value === undefined ? [] : [{ label, value }];
  });
}

interface Props {
  title: string;
  column: string;
  bars: readonly Bar[];
  color: string;
  /** What is said where there is nothing. */
  none?: string;
}

function Breakdown({ title, column, bars, color, none }: Props) {
  const w = useWords(dashboardWords);
  const language = useLanguage();
  return (
    <Chart
      title={title}
      columns={[column, w.number]}
      rows={bars.map(({ label, value }) => [label, number(value, language)])}
    >
      {bars.length > 0 ? <Bars bars={bars} color={color} /> : <p className="text-ink-soft">{none}</p>}
    </Chart>
  );
}
