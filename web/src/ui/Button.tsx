import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

const LOOKS = {
  primary: "border border-transparent bg-slate-skin text-white hover:bg-slate-deep",
  secondary: "border border-line-strong bg-white text-ink hover:bg-page",
  danger: "border border-transparent bg-danger text-white hover:bg-danger-deep",
  quiet: "border border-transparent text-ink-soft hover:bg-page hover:text-ink",
  accent: "border border-transparent bg-accent text-ink hover:bg-accent-deep",
};

interface Props extends ComponentProps<"button"> {
  look?: keyof typeof LOOKS;
  /** Shows that it is at work, and cannot be pressed again. */
  busy?: boolean;
  icon?: ReactNode;
  /** The child is the button: a link, for one. */
  asChild?: boolean;
  small?: boolean;
}

export function Button({
  look = "primary",
  busy,
  icon,
  asChild,
  small,
  className = "",
  children,
  onClick,
  ...rest
}: Props) {
  const size = small ? "min-h-9 px-3 text-sm" : "min-h-11 px-5";
  const all = `inline-flex cursor-pointer items-center justify-center gap-2 rounded-lg font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60 print:hidden ${size} ${LOOKS[look]} ${className}`;
  if (asChild) return <Slot.Root className={all}>{children}</Slot.Root>;
  return (
    <button
      type="button"
      {...rest}
      className={all}
      // A button that is disabled loses the focus.
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <LoaderCircle className="size-4 animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

/** A button that is only a picture, with a name for those who do not see it. */
export function IconButton({ label, className = "", ...rest }: ComponentProps<"button"> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-flex size-11 shrink-0 cursor-pointer items-center justify-center rounded-full border border-transparent text-ink-soft transition-colors hover:bg-page hover:text-ink disabled:cursor-not-allowed disabled:opacity-50 print:hidden ${className}`}
    />
  );
}
