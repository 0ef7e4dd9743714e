import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useState } from "react";
import { useExplain } from "../../api/explain";
import type { SessionRow } from "../../api/schema";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { ListSkeleton } from "../../ui/States";
import { sessionsQuery, useSignOutEverywhere } from "./api";
import { SessionItem } from "./SessionItem";
import { profileWords } from "./words";

/** More than most people have. */
const SHOWN = 6;

export function Sessions() {
  const w = useWords(profileWords);
  const query = useQuery(sessionsQuery);
  const [asked, setAsked] = useState(false);
  return (
    <section aria-labelledby="sessions" className="card p-5 sm:p-8">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-4">
        <div>
          <h2 id="sessions" className="text-xl font-light">
            {w.sessions}
          </h2>
          <p className="mt-1 text-ink-soft">{w.sessionsIntro}</p>
        </div>
        <Button
          look="secondary"
          icon={<LogOut className="size-5" aria-hidden />}
          onClick={() => setAsked(true)}
        >
          {w.everywhere}
        </Button>
      </div>
      <Loaded query={query} skeleton={<ListSkeleton rows={3} />}>
        {({ results }) => <SessionList sessions={results} />}
      </Loaded>
      {asked && <SignOutEverywhere onClose={() => setAsked(false)} />}
    </section>
  );
}

/** The own one first, then as they were used. */
function SessionList({ sessions }: { sessions: readonly SessionRow[] }) {
  const w = useWords(profileWords);
  const [all, setAll] = useState(false);
  const sorted = sessions.toSorted((a, b) => Number(b.is_current) - Number(a.is_current));
  const shown = all ? sorted : sorted.slice(0, SHOWN);
  return (
    <>
      <ul className="divide-y divide-line">
        {shown.map((session) => (
          <SessionItem key={session.id} session={session} />
        ))}
      </ul>
      {shown.length < sorted.length && (
        <Button look="quiet" onClick={() => setAll(true)} className="w-full">
          {w.showAll(sorted.length - shown.length)}
        </Button>
      )}
    </>
  );
}

function SignOutEverywhere({ onClose }: { onClose: () => void }) {
  const w = useWords(profileWords);
  const explain = useExplain();
  const everywhere = useSignOutEverywhere();
  return (
    <ConfirmDialog
      open
      title={w.everywhereTitle}
      body={w.everywhereBody}
      confirm={w.everywhere}
      busy={everywhere.isPending}
      error={everywhere.error ? explain(everywhere.error) : undefined}
      onCancel={onClose}
      onConfirm={() => everywhere.mutate()}
    />
  );
}
