import { Link } from "react-router";
import { BackLink } from "../ui/BackLink";
import { returning } from "./scrollPlaces";
import { lastOf } from "./useListParams";

/** The arrow to a list, which is shown as it was left, or to another screen. */
export function BackTo({ path, label }: { path: string; label: string }) {
  const address = lastOf(path);
  return (
    <BackLink>
      <Link to={address} state={returning(address)} aria-label={label} />
    </BackLink>
  );
}
