import { useEffect, useState } from "react";
import { Link, useLocation } from "react-router";
import { useLanguage, useWords, words } from "../../lib/language";
import { type Block, findLegal, readBlocks } from "../../lib/legal";
import { paths } from "../../lib/paths";
import { ON_SLATE, SlatePage } from "../../ui/SlatePage";

const text = words(
  {
    terms: "Conditions d'utilisation",
    privacy: "Politique de confidentialité",
    none: "Ce texte n'est pas encore publié.",
    back: "Revenir à la connexion",
  },
  {
    terms: "Terms of use",
    privacy: "Privacy policy",
    none: "This text has not been published yet.",
    back: "Back to sign-in",
  },
);

/** The terms or the privacy policy, where the operator has set them. */
export function Component() {
  const w = useWords(text);
  const language = useLanguage();
  const kind = useLocation().pathname === paths.privacy ? "privacy" : "terms";
  const found = findLegal(kind, language);
  const load = found?.load;
  const [shown, setShown] = useState<{ of: unknown; blocks: Block[] }>();
  useEffect(() => {
    void load?.().then((markdown) => setShown({ of: load, blocks: readBlocks(markdown) }));
  }, [load]);
  const blocks = shown?.of === load ? (shown?.blocks ?? []) : [];
  const title = blocks.find((block) => block.kind === "title")?.lines[0];
  return (
    <SlatePage
      title={title ?? w[kind]}
      wide
      links={
        <Link to={paths.signIn} className={ON_SLATE}>
          {w.back}
        </Link>
      }
    >
      {found ? (
        <div lang={found.language} className="space-y-4">
          {blocks.map((block, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- the text does not change
            <Part key={index} block={block} />
          ))}
        </div>
      ) : (
        <p>{w.none}</p>
      )}
    </SlatePage>
  );
}

function Part({ block: { kind, lines } }: { block: Block }) {
  switch (kind) {
    // It is the page's.
    case "title":
      return null;
    case "section":
      return <h2 className="pt-2 text-lg font-medium">{lines[0]}</h2>;
    case "list":
      return (
        <ul className="list-disc space-y-1 pl-6">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      );
    case "paragraph":
      return <p className="break-words">{lines[0]}</p>;
  }
}
