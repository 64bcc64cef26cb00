/** A rising step curve given by its corners, joined linearly: what maps a score to a probability. Both lists are equally long. */
export type Calibrator = { x: number[]; y: number[] };

/**
 * Isotonic regression: the non-decreasing curve closest to the points by weighted least squares, found by pooling adjacent violators
 * (Barlow, Bartholomew, Bremner & Brunk 1972). Points of equal x are averaged first; corners inside a level stretch are dropped.
 * @param x any order; at least one
 * @param y outcomes, 0 or 1 for a calibration
 * @param weights rows a point stands for; 1 each when left out; points of weight 0 do not count
 */
export function fitIsotonic(x: ArrayLike<number>, y: ArrayLike<number>, weights?: ArrayLike<number>): Calibrator {
  const points = averagedByX(x, y, weights);
  const blocks: { sum: number; weight: number; size: number }[] = [];
  for (const point of points) {
    let block = { sum: point.sum, weight: point.weight, size: 1 };
    for (let last = blocks.at(-1); last && last.sum * block.weight >= block.sum * last.weight; last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, weight: last.weight + block.weight, size: last.size + block.size };
    }
    blocks.push(block);
  }
  const levels = blocks.flatMap(({ sum, weight, size }) => new Array<number>(size).fill(sum / weight));
  const corner = (i: number) =>
    i === 0 || i === levels.length - 1 || levels[i] !== levels[i - 1] || levels[i] !== levels[i + 1];
  const kept = levels.map((_, i) => i).filter(corner);
  return { x: kept.map((i) => points[i]!.x), y: kept.map((i) => levels[i]!) };
}

/** The curve at a score: linear between corners, level beyond the first and the last. */
export function calibrate({ x, y }: Calibrator, score: number): number {
  if (score <= x[0]!) return y[0]!;
  const end = x.length - 1;
  if (score >= x[end]!) return y[end]!;
  let low = 0;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (x[middle]! <= score) low = middle;
    else high = middle;
  }
  return y[low]! + ((y[high]! - y[low]!) * (score - x[low]!)) / (x[high]! - x[low]!);
}

function averagedByX(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): { x: number; sum: number; weight: number }[] {
  const order = Array.from({ length: x.length }, (_, i) => i).sort((a, b) => x[a]! - x[b]!);
  const points: { x: number; sum: number; weight: number }[] = [];
  for (const i of order) {
    const weight = weights ? weights[i]! : 1;
    if (weight === 0) continue;
    const last = points.at(-1);
    if (last && last.x === x[i]) {
      last.sum += y[i]! * weight;
      last.weight += weight;
    } else points.push({ x: x[i]!, sum: y[i]! * weight, weight });
  }
  return points;
}
