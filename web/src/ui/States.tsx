import { CircleAlert, Inbox, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useWords, words } from "../lib/language";
import { Button } from "./Button";

const text = words({ loading: "Chargement", retry: "Réessayer" }, { loading: "Loading", retry: "Try again" });

/** A grey shape where something will be. */
export function Skeleton({ className = "h-4 w-full" }: { className?: string }) {
  return (
    <div aria-hidden className={`animate-pulse rounded bg-line motion-reduce:animate-none ${className}`} />
  );
}

/** Several, with the word for those who do not see them. */
export function Loading({ children }: { children: ReactNode }) {
  const w = useWords(text);
  return (
    <div role="status" aria-busy>
      <span className="sr-only">{w.loading}…</span>
      {children}
    </div>
  );
}

export function ListSkeleton({ rows = 6 }: { rows?: number }) {
  return (
    <Loading>
      <div className="card space-y-4 p-6">
        {Array.from({ length: rows }, (_, row) => (
          // oxlint-disable-next-line react/no-array-index-key -- they are all the same
          <Skeleton key={row} className="h-8 w-full" />
        ))}
      </div>
    </Loading>
  );
}

interface EmptyProps {
  title: string;
  /** What to do about it. */
  hint?: string;
  action?: ReactNode;
}

export function EmptyState({ title, hint, action }: EmptyProps) {
  return (
    <div className="card flex flex-col items-center gap-3 px-6 py-14 text-center">
      <Inbox className="size-10 text-ink-soft" aria-hidden />
      <p className="text-lg">{title}</p>
      {hint && <p className="max-w-md text-ink-soft">{hint}</p>}
      {action}
    </div>
  );
}

interface ErrorProps {
  message: string;
  onRetry?: () => void;
  /** What else can be done about it. */
  action?: ReactNode;
}

export function ErrorState({ message, onRetry, action }: ErrorProps) {
  const w = useWords(text);
  return (
    <div role="alert" className="card flex flex-col items-center gap-4 px-6 py-14 text-center">
      <CircleAlert className="size-10 text-danger" aria-hidden />
      <p className="max-w-md">{message}</p>
      {onRetry && (
        <Button look="secondary" icon={<RotateCw className="size-4" aria-hidden />} onClick={onRetry}>
          {w.retry}
        </Button>
      )}
      {action}
    </div>
  );
}
