import { useEffect, useState } from "react";
import { useRouteError } from "react-router";
import { onConnection } from "../api/connection";
import { useWords, words } from "../lib/language";
import { paths } from "../lib/paths";
import { Button } from "../ui/Button";
import { isLoadFailure, reloadIfAnswered } from "./newVersion";

const text = words(
  {
    title: "Cette page ne peut pas s'afficher",
    body: "Rechargez-la. Si cela se reproduit, signalez-le à votre administrateur.",
    reload: "Recharger",
    home: "Tableau de bord",
    notLoaded: "Cet écran n'a pas pu être chargé",
    notLoadedBody: "La connexion a été coupée. L'écran s'ouvrira dès qu'elle sera revenue.",
    again: "Réessayer",
  },
  {
    title: "This page cannot be shown",
    body: "Reload it. If it happens again, tell your administrator.",
    reload: "Reload",
    home: "Dashboard",
    notLoaded: "This screen could not be loaded",
    notLoadedBody: "The connection was cut. The screen opens as soon as it is back.",
    again: "Try again",
  },
);

/** What is shown in place of a screen that failed. */
export function RouteError() {
  const error = useRouteError();
  return isLoadFailure(error) ? <NotLoaded /> : <Failed />;
}

/** A fault of ours in a screen. */
function Failed() {
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

/** The network was away when the code of a screen was loaded. What is around the screen stays. */
function NotLoaded() {
  const w = useWords(text);
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    const tryAgain = () => void reloadIfAnswered();
    tryAgain();
    window.addEventListener("online", tryAgain);
    const end = onConnection(tryAgain);
    return () => {
      window.removeEventListener("online", tryAgain);
      end();
    };
  }, []);
  const tryNow = async () => {
    setIsBusy(true);
    setIsBusy(await reloadIfAnswered({ isAsked: true }));
  };
  return (
    <div role="alert" className="card mx-auto max-w-xl space-y-4 p-8">
      <title>{`${w.notLoaded} · RED PRODUCT`}</title>
      <h1 tabIndex={-1} className="text-2xl font-light outline-none">
        {w.notLoaded}
      </h1>
      <p className="text-ink-soft">{w.notLoadedBody}</p>
      <Button busy={isBusy} onClick={() => void tryNow()}>
        {w.again}
      </Button>
    </div>
  );
}
