import { number } from "../lib/format";
import { useLanguage } from "../lib/language";

export interface Bar {
  label: string;
  value: number;
}

/** A bar for each value, with its name above it and its figure at the end: nothing is said by a colour. */
export function Bars({ bars, color }: { bars: readonly Bar[]; color: string }) {
  const language = useLanguage();
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <ul className="space-y-2">
      {bars.map(({ label, value }) => (
        <li key={label}>
          <p className="flex justify-between gap-4 text-sm">
            <span className="min-w-0 break-words">{label}</span>
            <span className="tabular-nums">{number(value, language)}</span>
          </p>
          <div aria-hidden className="mt-0.5 h-2 rounded-full bg-page">
            {value > 0 && (
              <div
                className="h-full min-w-2 rounded-full forced-color-adjust-none [print-color-adjust:exact]"
                style={{ width: `${(value / most) * 100}%`, backgroundColor: color }}
              />
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
