import { Link } from "react-router";
import { useLanguage, useWords } from "../../lib/language";
import { findLegal } from "../../lib/legal";
import { paths } from "../../lib/paths";
import { authWords } from "./words";

/** The texts that the operator has set; nothing where there is none. */
export function useLegal() {
  const language = useLanguage();
  const kinds = ["terms", "privacy"] as const;
  return kinds.filter((kind) => findLegal(kind, language));
}

/** Links to them, which open beside what is being filled in. */
export function LegalLinks({ className }: { className: string }) {
  const w = useWords(authWords);
  const kinds = useLegal();
  if (kinds.length === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-4">
      {kinds.map((kind) => (
        <Link key={kind} to={paths[kind]} target="_blank" className={className}>
          {w[kind]}
        </Link>
      ))}
    </p>
  );
}
