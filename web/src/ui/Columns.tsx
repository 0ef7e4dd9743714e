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
  const width = values.length * STEP - GAP;
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-20 w-full border-b border-line-strong"
    >
      {values.map((value, index) => {
        const height = (value / most) * HEIGHT;
        return (
          <g key={labels[index]} className="group">
            <title>{labels[index]}</title>
            {/* The whole height can be pointed at. */}
            <rect
              x={index * STEP - GAP / 2}
              width={STEP}
              height={HEIGHT}
              className="fill-transparent group-hover:fill-page"
            />
            <rect
              x={index * STEP}
              y={HEIGHT - height}
              width={STEP - GAP}
              height={height}
              style={{ fill: color }}
            />
          </g>
        );
      })}
    </svg>
  );
}
