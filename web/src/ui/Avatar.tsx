import { initials } from "../lib/format";

interface Props {
  person: { email: string; first_name: string; last_name: string };
  className?: string;
}

/** The letters of somebody whose name stands beside it. */
export function Avatar({ person, className = "size-10 text-sm" }: Props) {
  return (
    <span
      aria-hidden
      className={`inline-flex shrink-0 items-center justify-center rounded-full bg-accent font-medium text-ink ${className}`}
    >
      {initials(person)}
    </span>
  );
}
