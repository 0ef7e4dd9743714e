import { lazy, Suspense, useState } from "react";
import { Navigate, Outlet, useLocation, useSearchParams } from "react-router";
import { useHasLeft, useSession, useUser } from "../api/session";
import { paths, safeReturn } from "../lib/paths";
import { NotFound } from "./NotFound";

const SignInAgain = lazy(() => import("./SignInAgain"));

/**
 * Signing in leads back to where one wanted to go. Where a session ended by itself the screen stays as it is, unseen,
 * until the same person is back: nothing that was typed is lost.
 */
export function SignedInOnly() {
  const { pathname, search } = useLocation();
  const session = useSession();
  const left = useHasLeft();
  const [owner, setOwner] = useState(session?.user.id);
  if (session && session.user.id !== owner) setOwner(session.user.id);
  if (!session && (owner === undefined || left)) {
    const next = pathname === "/" || left ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return <Navigate to={paths.signIn + next} replace />;
  }
  return (
    <>
      <div key={owner} className={session ? undefined : "invisible"}>
        <Outlet />
      </div>
      {!session && (
        <Suspense>
          <SignInAgain />
        </Suspense>
      )}
    </>
  );
}

export function SignedOutOnly() {
  const [params] = useSearchParams();
  return useSession() ? <Navigate to={safeReturn(params.get("next"))} replace /> : <Outlet />;
}

/** For anybody else there is nothing here. What is allowed, the API decides. */
export function AdminOnly() {
  return useUser().is_admin ? <Outlet /> : <NotFound />;
}
