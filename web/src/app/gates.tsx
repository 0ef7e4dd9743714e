import { Navigate, Outlet, useLocation, useSearchParams } from "react-router";
import { hasLeft, useSession, useUser } from "../api/session";
import { paths, safeReturn } from "../lib/paths";
import { NotFound } from "./NotFound";

/** Signing in leads back to where one wanted to go, or was when the session ended by itself. */
export function SignedInOnly() {
  const { pathname, search } = useLocation();
  if (useSession()) return <Outlet />;
  const next = pathname === "/" || hasLeft() ? "" : `?next=${encodeURIComponent(pathname + search)}`;
  return <Navigate to={paths.signIn + next} replace />;
}

export function SignedOutOnly() {
  const [params] = useSearchParams();
  return useSession() ? <Navigate to={safeReturn(params.get("next"))} replace /> : <Outlet />;
}

/** For anybody else there is nothing here. What is allowed, the API decides. */
export function AdminOnly() {
  return useUser().is_admin ? <Outlet /> : <NotFound />;
}
