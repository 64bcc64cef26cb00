const DAY_MS = 86_400_000;
const DAYS = 20;
const PER_DAY = 120;
/** Days at the end in which every other answer is wrong. */
const BAD_DAYS = 6;

/** A fixed sequence in [0, 1) without a pattern that bins could see (multiples of the golden ratio). */
const spread = (i: number): number => (i * 0.618_033_988_749_895) % 1;

function rows(count: number, at: (i: number) => Date, wrong: (i: number) => boolean): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const income = 20_000 + Math.round(spread(i) * 40_000);
    const score = spread(i * 7 + 3);
    const prediction = score >= 0.5 ? 1 : 0;
    const outcome = wrong(i) ? 1 - prediction : prediction;
    return [
      `row-${at(i).getTime()}-${i}`,
      at(i).toISOString(),
      income,
      i % 3 === 0 ? 'plus' : 'basic',
      score.toFixed(4),
      prediction,
      outcome,
    ].join(',');
  });
  return `id,at,income,plan,score,prediction,outcome\n${lines.join('\n')}\n`;
}

export const ROLES = 'id=id&timestamp=at&score=score&prediction=prediction&label=outcome';

/** What the model learned from: nine of ten answers right. */
export const referenceCsv = (today: number): string =>
  rows(
    3_000,
    (i) => new Date(today - 60 * DAY_MS + i * 600_000),
    (i) => i % 10 === 0,
  );

/** Twenty days of decisions up to yesterday; in the last six every other answer is wrong. */
export const observationsCsv = (today: number): string =>
  rows(
    DAYS * PER_DAY,
    (i) => new Date(today - DAYS * DAY_MS + Math.floor(i / PER_DAY) * DAY_MS + ((i % PER_DAY) * DAY_MS) / PER_DAY),
    (i) => (Math.floor(i / PER_DAY) >= DAYS - BAD_DAYS ? i % 2 === 0 : i % 10 === 0),
  );
