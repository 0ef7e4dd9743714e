/** In the units of the drawing, which is stretched to the room that there is. */
const [HEIGHT, STEP, GAP] = [100, 10, 3];

interface Props {
  values: readonly number[];
  /** What a column says when one points at it. */
  labels: readonly string[];
  color: string;
}

/** A column for each value, from left to right. The words beside it say what there is to see. */
export function Columns({ values, labels, color }: Props) {
  const most = Math.max(1, ...values);
  const column = (value: number, index: number) =>
    `M${index * STEP} ${HEIGHT}v${(-value / most) * HEIGHT}h${STEP - GAP}V${HEIGHT}z`;
  const width = values.length * STEP - GAP;
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-20 w-full border-b border-line-strong"
    >
      {/* Each takes the whole height, which can be pointed at. */}
      {labels.map((label, index) => (
        <rect
          key={label}
          x={index * STEP - GAP / 2}
          width={STEP}
          height={HEIGHT}
          className="fill-transparent hover:fill-page"
        >
          <title>{label}</title>
        </rect>
      ))}
      {/* One outline for all, since a phone takes long to make an element for each. */}
      <path d={values.map(column).join("")} style={{ fill: color }} className="pointer-events-none" />
    </svg>
  );
}
