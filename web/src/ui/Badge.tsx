import type { ReactNode } from "react";

const TONES = {
  neutral: "bg-page text-ink-soft",
  good: "bg-good-pale text-good-deep",
  busy: "bg-accent-pale text-accent-ink",
  bad: "bg-danger-pale text-danger-deep",
  info: "bg-info-pale text-info-deep",
};

export type Tone = keyof typeof TONES;

/** A state in a word: the colour only repeats it. */
export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center rounded-full border border-transparent px-2.5 py-0.5 text-sm font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {children}
    </span>
  );
}
