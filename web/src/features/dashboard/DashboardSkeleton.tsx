import { useUser } from "../../api/session";
import { Loading, Skeleton } from "../../ui/States";
import { CHARTS_GRID, FIGURES_GRID, LISTS_GRID } from "./grids";

const times = (n: number) => Array.from({ length: n }, (_, index) => index);

/** Grey where the figures will be, as large as they will be. */
export function FiguresSkeleton() {
  const { is_admin: isAdmin } = useUser();
  return (
    <Loading>
      <div className={FIGURES_GRID}>
        {times(isAdmin ? 7 : 4).map((card) => (
          <div
            key={card}
            className="card flex flex-col gap-x-4 gap-y-2 p-4 sm:flex-row sm:items-center sm:p-5"
          >
            <Skeleton className="size-12 shrink-0 rounded-full sm:size-14" />
            <div className="w-full space-y-2">
              <Skeleton className="h-8 w-1/2" />
              <Skeleton className="h-5 w-2/3" />
              <Skeleton className="h-4 w-full" />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}

/** The same for what is below the figures. */
export function RestSkeleton() {
  const { is_admin: isAdmin } = useUser();
  return (
    <>
      <div className="card space-y-4 p-5">
        <Skeleton className="h-7 w-1/2" />
        <div className="grid gap-x-8 gap-y-6 md:grid-cols-2">
          {times(isAdmin ? 4 : 2).map((series) => (
            <Skeleton key={series} className="h-36 w-full" />
          ))}
        </div>
        <Skeleton className="h-9 w-32" />
      </div>
      <div className={CHARTS_GRID}>
        <Card className="h-120" />
        <div className="grid content-start gap-5">
          <Card className="h-36" />
          <Card className="h-64" />
        </div>
      </div>
      <div className={LISTS_GRID}>
        {times(isAdmin ? 4 : 2).map((list) => (
          <div key={list} className="card space-y-4 p-5">
            <Skeleton className="h-7 w-1/2" />
            {times(5).map((row) => (
              <Skeleton key={row} className="h-14 w-full" />
            ))}
          </div>
        ))}
      </div>
    </>
  );
}

function Card({ className }: { className: string }) {
  return (
    <div className="card space-y-4 p-5">
      <Skeleton className="h-7 w-1/2" />
      <Skeleton className={`${className} w-full`} />
    </div>
  );
}
