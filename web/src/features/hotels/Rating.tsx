import { Star, StarHalf } from "lucide-react";
import { number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { hotelWords } from "./words";

/** Stars, to the half. A hotel that nobody has rated has none. */
export function Rating({ value }: { value: number }) {
  const w = useWords(hotelWords);
  const language = useLanguage();
  if (value === 0) return <span className="sr-only">{w.unrated}</span>;
  const shown = Math.round(value * 2) / 2;
  return (
    <span className="inline-flex items-center gap-1 text-sm">
      <span className="sr-only">{w.rating(number(value, language))}</span>
      {[1, 2, 3, 4, 5].map((star) => (
        <span key={star} aria-hidden className="relative">
          <Star
            className={`size-4 ${shown >= star ? "fill-accent text-accent-deep" : "text-line-strong"}`}
            data-fill={shown >= star ? "whole" : shown >= star - 0.5 ? "half" : "none"}
          />
          {shown === star - 0.5 && (
            <StarHalf className="absolute inset-0 size-4 fill-accent text-accent-deep" />
          )}
        </span>
      ))}
      <span aria-hidden className="ml-1 text-ink-soft">
        {number(value, language)}
      </span>
    </span>
  );
}
