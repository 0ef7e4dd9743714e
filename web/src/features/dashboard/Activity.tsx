import type { Dashboard } from "../../api/schema";
import { calendarDay, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { Chart } from "../../ui/Chart";
import { Columns } from "../../ui/Columns";
import { COLORS } from "./colors";
import { dashboardWords } from "./words";

const SERIES = ["tickets", "messages", "entries", "emails"] as const;

/**
 * What was made on each day. Each thing has a drawing of its own, with its own scale: four lines across each other could
 * only be told apart by their colours, and the busiest would flatten the others.
 */
export function Activity({ days }: { days: Dashboard["activity"] }) {
  const w = useWords(dashboardWords);
  const language = useLanguage();
  const shown = SERIES.filter((name) => days.some((day) => day[name] !== null));
  const rows = days.map((day) => [
    calendarDay(day.date, language),
    ...shown.map((name) => number(day[name] ?? 0, language)),
  ]);
  return (
    <Chart
      title={w.activity}
      columns={[w.date, ...shown.map((name) => w[name])]}
      // The latest day is the one that is looked for.
      rows={rows.toReversed()}
    >
      <div className="grid gap-x-8 gap-y-6 md:grid-cols-2">
        {shown.map((name) => (
          <Series key={name} name={name} days={days} />
        ))}
      </div>
    </Chart>
  );
}

function Series({ name, days }: { name: (typeof SERIES)[number]; days: Dashboard["activity"] }) {
  const w = useWords(dashboardWords);
  const language = useLanguage();
  const values = days.map((day) => day[name] ?? 0);
  const sum = values.reduce((before, value) => before + value, 0);
  const most = Math.max(...values);
  const short = (day: { date: string } | undefined) => day && calendarDay(day.date, language, true);
  const peak = short(days[values.indexOf(most)]);
  return (
    <div className="min-w-0">
      <p className="mb-2 flex flex-wrap items-baseline gap-x-2">
        <span className="text-xl font-light">{number(sum, language)}</span>
        <span>{w[name]}</span>
        <span className="ml-auto text-sm text-ink-soft">
          {most > 0 && peak ? w.peak(number(most, language), peak) : w.quiet}
        </span>
      </p>
      <Columns
        values={values}
        labels={days.map(({ date }, index) =>
          w.perDay(calendarDay(date, language), number(values[index] ?? 0, language)),
        )}
        color={COLORS[name]}
      />
      <p aria-hidden className="mt-1 flex justify-between text-sm text-ink-soft">
        <span>{short(days[0])}</span>
        <span>{short(days.at(-1))}</span>
      </p>
    </div>
  );
}
