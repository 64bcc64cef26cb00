import { extremes } from './kernel.ts';

/** A sparkline is decoration beside the state word; the numbers are in the chart and its table. */
export function Spark({
  values,
  width = 64,
  height = 24,
}: {
  values: readonly (number | null)[];
  width?: number;
  height?: number;
}) {
  const known = values.filter((value) => value !== null);
  const [low, high] = extremes(known);
  const reach = high - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = 'M';
  let path = '';
  values.forEach((value, i) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    path += `${pen}${(i * step).toFixed(1)},${(height - 2 - ((value - low) / reach) * (height - 4)).toFixed(1)}`;
    pen = 'L';
  });
  return (
    <svg aria-hidden width={width} height={height} className="shrink-0">
      {known.length > 0 ? (
        <path
          d={path}
          fill="none"
          stroke="var(--live)"
          strokeWidth={1.5}
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      ) : (
        <line x1={0} x2={width} y1={height / 2} y2={height / 2} stroke="var(--control)" strokeDasharray="1 4" />
      )}
    </svg>
  );
}
