/** Ascending values that can be asked for by rank; arrays and typed arrays are. */
export type Ranked = { readonly length: number; at(rank: number): number | undefined };

/** Fewer values than this are sorted outright. */
const SORTED_BELOW = 4_096;
/** Cells of the first grid: few, so that their counters stay in the processor's nearest cache. */
const CELLS = 1_024;
/** Values wanted in a part of a cell: few, so that sorting the parts in which a rank falls is next to nothing. */
const VALUES_A_PART = 24;

/**
 * The values of some ranks, as a full sort would give them, at a fraction of its cost (a samplesort that sorts only the buckets asked
 * for): values are counted on an even grid, each cell is divided by how many it holds, and only parts in which a rank falls are
 * sorted. A crowded part (one far outlier stretches the grid) is treated in the same way again.
 * @param values finite, in any order, left as they are
 * @param ranks ascending, each at least 0 and below the number of values
 * @returns one value a rank
 */
export function valuesAtRanks(values: Float64Array, ranks: ArrayLike<number>): Float64Array {
  const found = new Float64Array(ranks.length);
  if (ranks.length === 0) return found;
  const grid = values.length < SORTED_BELOW ? undefined : gridOf(values);
  if (!grid) {
    const sorted = values.slice().sort();
    for (let i = 0; i < ranks.length; i++) found[i] = sorted[ranks[i]!]!;
    return found;
  }
  const { parts, counts } = divide(values, grid);
  const wanted = wantedParts(counts, ranks);
  const held = wanted.map(({ count }) => new Float64Array(count));
  const places = new Int32Array(counts.length).fill(-1);
  for (const [i, { part }] of wanted.entries()) places[part] = i;
  const filled = new Uint32Array(wanted.length);
  for (let i = 0; i < values.length; i++) {
    const place = places[parts[i]!]!;
    if (place >= 0) held[place]![filled[place]!++] = values[i]!;
  }
  for (const [i, { first, last, below }] of wanted.entries()) {
    const inside = Int32Array.from({ length: last - first }, (_, at) => ranks[first + at]! - below);
    found.set(valuesAtRanks(held[i]!, inside), first);
  }
  return found;
}

/** The part of each value. One array for all columns: it is as long as the file, and needed only until its values are picked. */
let partsHeld = new Int32Array(0);

type Grid = { lowest: number; scale: number };

/** The even grid over the values: a value's cell never falls as the value grows. None where they are all alike or span too much. */
function gridOf(values: Float64Array): Grid | undefined {
  let lowest = values[0]!;
  let highest = lowest;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const scale = CELLS / (highest - lowest);
  return Number.isFinite(highest - lowest) && Number.isFinite(scale) && highest > lowest
    ? { lowest, scale }
    : undefined;
}

/**
 * Divides each cell evenly into parts by how many values it holds.
 * @returns the part of each value, which never falls as the value grows, and how many values each part has
 */
function divide(values: Float64Array, { lowest, scale }: Grid): { parts: Int32Array; counts: Int32Array } {
  const inCell = new Int32Array(CELLS + 1);
  for (let i = 0; i < values.length; i++) inCell[((values[i]! - lowest) * scale) | 0]!++;
  const first = new Int32Array(CELLS + 2);
  const divisions = new Float64Array(CELLS + 1);
  for (let cell = 0; cell <= CELLS; cell++) {
    divisions[cell] = Math.ceil(inCell[cell]! / VALUES_A_PART);
    first[cell + 1] = first[cell]! + divisions[cell]!;
  }
  if (partsHeld.length < values.length) partsHeld = new Int32Array(values.length);
  const parts = partsHeld;
  const counts = new Int32Array(first[CELLS + 1]!);
  for (let i = 0; i < values.length; i++) {
    const place = (values[i]! - lowest) * scale;
    const cell = place | 0;
    // What is left after the whole cell is exact and below 1, so that the part lies within the cell.
    const part = first[cell]! + (((place - cell) * divisions[cell]!) | 0);
    parts[i] = part;
    counts[part]!++;
  }
  return { parts, counts };
}

/** Parts in which ranks fall, with those ranks (from `first` to before `last`) and how many values lie below the part. */
function wantedParts(counts: Int32Array, ranks: ArrayLike<number>) {
  const wanted: { part: number; count: number; below: number; first: number; last: number }[] = [];
  let below = 0;
  let at = 0;
  for (let part = 0; part < counts.length && at < ranks.length; part++) {
    const count = counts[part]!;
    const first = at;
    while (at < ranks.length && ranks[at]! < below + count) at++;
    if (at > first) wanted.push({ part, count, below, first, last: at });
    below += count;
  }
  return wanted;
}

/** Slots for each distinct value that may be held: half empty at worst, so that a search is short. */
const SLOTS_A_VALUE = 2;

/** Few distinct values, ascending, and how often each occurs. */
export type Distinct = { values: Float64Array; counts: Float64Array };

/**
 * Counts the distinct values, or gives up as soon as there are more than `limit`. Zero and minus zero are one value.
 * @param values without NaN
 */
export function distinctUpTo(values: Float64Array, limit: number): Distinct | undefined {
  const slots = 2 ** Math.ceil(Math.log2(SLOTS_A_VALUE * (limit + 1)));
  const shift = 32 - Math.log2(slots);
  const keys = new Float64Array(slots).fill(Number.NaN);
  const counts = new Float64Array(slots);
  const number = new Float64Array(1);
  const bits = new Uint32Array(number.buffer);
  let size = 0;
  let last = Number.NaN;
  let slot = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== last) {
      last = value;
      number[0] = value + 0;
      // Multiplicative hashing (Knuth, TAOCP 3, 6.4) of both halves of the double.
      slot = Math.imul(bits[0]! ^ Math.imul(bits[1]!, 0x85ebca6b), 0x9e3779b1) >>> shift;
      while (keys[slot] !== value) {
        if (Number.isNaN(keys[slot])) {
          if (++size > limit) return undefined;
          keys[slot] = number[0];
        } else slot = slot + 1 === slots ? 0 : slot + 1;
      }
    }
    counts[slot]!++;
  }
  const filled = Array.from(keys.keys()).filter((at) => counts[at]! > 0);
  filled.sort((a, b) => keys[a]! - keys[b]!);
  return {
    values: Float64Array.from(filled, (at) => keys[at]!),
    counts: Float64Array.from(filled, (at) => counts[at]!),
  };
}

/** Few distinct values as the many they were counted from, ascending. */
export function repeated({ values, counts }: Distinct): Ranked {
  const ends = new Float64Array(counts.length);
  let length = 0;
  for (const [i, count] of counts.entries()) {
    length += count;
    ends[i] = length;
  }
  return {
    length,
    at(rank) {
      const value = ends.findIndex((end) => rank < end);
      return values[value];
    },
  };
}
