/** The product's mark and name. */
export function Logo({ className = "" }: { className?: string }) {
  return (
    <span
      className={`inline-flex items-center gap-3 text-xl font-bold tracking-wide text-white ${className}`}
    >
      <svg viewBox="0 0 32 32" className="size-8" aria-hidden>
        <path
          d="M6 30V4h11.4c5.2 0 8.4 3.1 8.4 7.9 0 3.7-2 6.3-5.2 7.3L26.4 30h-5.9l-5.1-9.4h-4.2V30H6Zm5.2-13.8h5.5c2.4 0 3.8-1.3 3.8-3.5s-1.4-3.4-3.8-3.4h-5.5v6.9Z"
          fill="#FFD964"
        />
      </svg>
      RED PRODUCT
    </span>
  );
}
