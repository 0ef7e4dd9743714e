import { cpus, loadavg } from "node:os";
import type { Page } from "@playwright/test";

/** What the page itself measured of an interaction, in milliseconds. */
interface Measured {
  /** From the input to the next frame that shows what came of it: the slowest event of the interaction. */
  paint: number;
  /** What of that our handlers took. */
  work: number;
  /** From the last input until what was asked for is shown. */
  shown: number;
}

/** The compiler does not know of interactions yet. */
interface Input extends PerformanceEventTiming {
  interactionId: number;
}

/** What the page keeps between the beginning of an interaction and its end. */
interface Watch {
  events: Input[];
  lastInput: number;
  shown: Promise<number>;
}

declare global {
  interface Window {
    watch: Watch;
  }
}

const found = new Map<string, Measured[]>();

/** Has each page note its events, from the first on. */
export async function observe(page: Page) {
  await page.addInitScript(() => {
    window.watch = { events: [], lastInput: 0, shown: Promise.resolve(0) };
    new PerformanceObserver((list) => {
      window.watch.events.push(...(list.getEntries() as Input[]));
    }).observe({ type: "event", buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
    for (const type of ["keydown", "click", "change"]) {
      window.addEventListener(type, (event) => (window.watch.lastInput = event.timeStamp), true);
    }
  });
}

/** Does something, waits until `shown` holds in the page, and notes how long that took. */
export async function measure<T>(
  page: Page,
  name: string,
  act: () => Promise<unknown>,
  shown: (before: T) => boolean,
  before: T,
) {
  await page.evaluate(
    ([condition, before]) => {
      // oxlint-disable-next-line no-eval -- the condition of this measurement
      const holds = (0, eval)(`(${condition})`) as (before: unknown) => boolean;
      window.watch.events = [];
      window.watch.shown = new Promise((resolve) => {
        const look = () => (holds(before) ? resolve(performance.now()) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      });
    },
    [shown.toString(), before] as const,
  );
  await act();
  const measured = await page.evaluate(async () => {
    const { watch } = window;
    const at = await watch.shown;
    // The entries of the last frame come a moment after it.
    await new Promise((resolve) => setTimeout(resolve, 250));
    const events = watch.events.filter(({ interactionId }) => interactionId);
    return {
      paint: Math.max(0, ...events.map(({ duration }) => duration)),
      work: Math.max(0, ...events.map((event) => event.processingEnd - event.processingStart)),
      shown: at - watch.lastInput,
    };
  });
  found.set(name, [...(found.get(name) ?? []), measured]);
}

/** The table of everything that was measured. */
export function report(slowdown: number): string {
  const rows = [...found].map(([name, all]) => {
    const cells = (["paint", "work", "shown"] as const).map((key) => {
      const values = all.map((measured) => measured[key]).toSorted((a, b) => a - b);
      return `${figure(at(values, 0.5), key)} | ${figure(at(values, 0.95), key)}`;
    });
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  const times = [...found.values()][0]?.length ?? 0;
  return [
    `${times} times each; ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}; the page ${slowdown} times slower than this machine.`,
    "",
    "| interaction | input to paint, ms | p95 | of that our code | p95 | shown after | p95 |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** The browser does not report events below 16 ms. */
function figure(value: number, key: keyof Measured): string {
  return key !== "shown" && value === 0 ? "< 16" : String(Math.round(value));
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
