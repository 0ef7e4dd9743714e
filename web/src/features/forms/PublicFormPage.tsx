import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ApiError } from "../../api/error";
import { useSession } from "../../api/session";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { ON_SLATE, SlatePage } from "../../ui/SlatePage";
import { Loading, Skeleton } from "../../ui/States";
import { publicFormQuery } from "./api";
import { PublicForm } from "./PublicForm";
import { publicWords } from "./publicWords";

/** A form for anybody who has its address. */
export function Component() {
  const w = useWords(publicWords);
  const { id = "" } = useParams();
  // Read once: it must not change under whoever fills it in.
  const query = useQuery({ ...publicFormQuery(id), staleTime: Infinity, gcTime: 0 });
  const isGone = query.error instanceof ApiError && query.error.kind === "missing";
  const title = isGone ? w.goneTitle : (query.data?.title ?? w.form);
  return (
    <SlatePage title={title} wide links={useSession() && <ToForms />}>
      {isGone ? (
        <p>{w.gone}</p>
      ) : (
        <Loaded query={query} skeleton={<FormSkeleton />}>
          {(form) => (
            <PublicForm key={query.dataUpdatedAt} form={form} onReload={() => void query.refetch()} />
          )}
        </Loaded>
      )}
    </SlatePage>
  );
}

function ToForms() {
  const w = useWords(publicWords);
  return (
    <Link to={paths.forms} className={ON_SLATE}>
      {w.toForms}
    </Link>
  );
}

function FormSkeleton() {
  return (
    <Loading>
      <div className="space-y-6">
        <Skeleton className="h-11 w-full" />
        <Skeleton className="h-11 w-full" />
        <Skeleton className="h-24 w-full" />
        <Skeleton className="h-11 w-32" />
      </div>
    </Loading>
  );
}
