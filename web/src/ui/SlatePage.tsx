import type { ReactNode } from "react";
import { type Language, setLanguage, useLanguage } from "../lib/language";
import { Logo } from "./Logo";

interface Props {
  title: string;
  children: ReactNode;
  /** The links under the card. */
  links?: ReactNode;
  /** For more than a few short fields. */
  wide?: boolean;
}

const OTHERS: Record<Language, [Language, string]> = { fr: ["en", "English"], en: ["fr", "Français"] };

/** The pages that need no sign-in: a white card on slate. */
export function SlatePage({ title, children, links, wide }: Props) {
  const [other, name] = OTHERS[useLanguage()];
  return (
    <main className="on-slate slate-pattern flex min-h-dvh flex-col items-center justify-center gap-6 px-4 py-10 text-white">
      <title>{`${title} · RED PRODUCT`}</title>
      <Logo />
      <div
        className={`on-white w-full rounded bg-white p-6 text-ink shadow-xl sm:p-8 ${wide ? "max-w-160" : "max-w-100"}`}
      >
        <h1
          tabIndex={-1}
          className={`mb-5 break-words outline-none ${wide ? "text-2xl font-light" : "text-lg"}`}
        >
          {title}
        </h1>
        {children}
      </div>
      {links && <div className="flex flex-col items-center gap-3 text-center">{links}</div>}
      <button
        type="button"
        lang={other}
        onClick={() => setLanguage(other)}
        className="min-h-9 cursor-pointer rounded px-3 text-sm underline"
      >
        {name}
      </button>
    </main>
  );
}

/** A link on slate. */
export const ON_SLATE = "rounded font-medium text-accent hover:underline";
