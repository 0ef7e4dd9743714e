import { Link } from "react-router";
import { useWords, words } from "../lib/language";
import { paths } from "../lib/paths";
import { Button } from "../ui/Button";
import { PageHeader } from "../ui/Page";

const text = words(
  {
    title: "Page introuvable",
    body: "Cette page n'existe pas, ou vous n'y avez pas accès.",
    home: "Revenir au tableau de bord",
  },
  {
    title: "Page not found",
    body: "This page does not exist, or you do not have access to it.",
    home: "Back to the dashboard",
  },
);

export function NotFound() {
  const w = useWords(text);
  return (
    <>
      <PageHeader title={w.title} />
      <div className="card flex flex-col items-start gap-5 p-8">
        <p className="text-6xl font-light text-ink-soft">404</p>
        <p>{w.body}</p>
        <Button asChild>
          <Link to={paths.dashboard}>{w.home}</Link>
        </Button>
      </div>
    </>
  );
}
