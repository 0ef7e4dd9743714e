import { Link } from "react-router";
import { BackLink } from "../ui/BackLink";
import { lastOf } from "./useListParams";

/** The arrow to a list, which is shown as it was left, or to another screen. */
export function BackTo({ path, label }: { path: string; label: string }) {
  return (
    <BackLink>
      <Link to={lastOf(path)} aria-label={label} />
    </BackLink>
  );
}
