import { useWords, words } from "../lib/language";
import { paths } from "../lib/paths";
import { Button } from "../ui/Button";

const text = words(
  {
    title: "Cette page ne peut pas s'afficher",
    body: "Rechargez-la. Si cela se reproduit, signalez-le à votre administrateur.",
    reload: "Recharger",
    home: "Tableau de bord",
  },
  {
    title: "This page cannot be shown",
    body: "Reload it. If it happens again, tell your administrator.",
    reload: "Reload",
    home: "Dashboard",
  },
);

/** A fault of ours in a screen: whoever sees it can go on. */
export function RouteError() {
  const w = useWords(text);
  return (
    <main className="mx-auto max-w-xl p-6">
      <div role="alert" className="card space-y-4 p-8">
        <title>{`${w.title} · RED PRODUCT`}</title>
        <h1 className="text-2xl font-light">{w.title}</h1>
        <p className="text-ink-soft">{w.body}</p>
        <div className="flex flex-wrap gap-3">
          <Button onClick={() => window.location.reload()}>{w.reload}</Button>
          <Button look="secondary" asChild>
            <a href={paths.dashboard}>{w.home}</a>
          </Button>
        </div>
      </div>
    </main>
  );
}
