// What stored windows cost at fleet size: 1,000 models, 50 features each, 30 days of hours; reads timed and explained.
// `node bench/storage.ts [models] [features] [days]`
import { randomUUID } from 'node:crypto';
import { windows } from '../db/schema/measurements.ts';
import { compareWindow } from '../lib/drift/compare.ts';
import { packJudged } from '../lib/drift/judged.ts';
import { numericBins } from '../lib/measurements/bins.ts';
import { listColumnPieces, listPieces } from '../lib/measurements/pieces.ts';
import type { ReferenceProfile } from '../lib/measurements/schema.ts';
import { columnTally } from '../lib/measurements/tally.ts';
import { time } from './timing.ts';
import { openBench } from './workspace.ts';

const MODELS = Number(process.argv[2] ?? 1_000);
const FEATURES = Number(process.argv[3] ?? 50);
const DAYS = Number(process.argv[4] ?? 30);
/** Rows behind a window: enough that most fine bins are met, as a busy model's are. */
const ROWS = 2_000;
/** Models whose daily counts are filled in as well: they are read one model at a time, however many there are. */
const COUNTED = Math.min(50, MODELS);
const CALLS = 30;
const FIRST = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = new Date(FIRST).toISOString();

const bench = await openBench();
try {
  const { db, sql } = bench;
  const ids = Array.from({ length: MODELS }, () => ({ model: randomUUID(), reference: randomUUID() }));
  await sql`insert into models ${sql(
    ids.map(({ model }, i) => ({
      id: model,
      name: `model-${i}`,
      created_by: 'bench',
      created_at: NOW,
      updated_at: NOW,
    })),
  )}`;
  const names = Array.from({ length: FEATURES }, (_, i) => `feature_${i}`);
  const bins = numericBins(Float64Array.from({ length: 5_000 }, (_, i) => Math.sin(i) * 50));
  const countsOf = (seed: number, rows: number) => {
    const tally = columnTally(bins);
    tally.add(
      Float64Array.from({ length: rows }, (_, i) => Math.sin(seed + i * 1.7) * 48),
      new Int32Array(rows),
      rows,
    );
    return tally.read(0);
  };
  const profile: ReferenceProfile = {
    method: 'reference-bins/1',
    rows: 5_000,
    columns: names.map((name, i) => ({
      name,
      role: 'feature',
      kind: 'numeric',
      bins,
      median: 0,
      counts: countsOf(i, 5_000),
    })),
    task: null,
    performance: null,
  };
  const from = performance.now();
  // A month of days of one model is made here, and copied to the others where it is kept.
  const one = Array.from({ length: DAYS }, (_, day) => {
    const [start, end] = [day, day + 1].map((at) => new Date(FIRST + at * DAY_MS).toISOString());
    const columns = Object.fromEntries(names.map((name, i) => [name, countsOf(day * FEATURES + i, ROWS)]));
    return { start: start!, end: end!, counts: { start, end, n: ROWS, columns, performance: null } };
  });
  const { model, reference } = ids[0]!;
  for (const { start, end, counts: held } of one) {
    await sql`insert into window_contributions (model_id, reference_id, start, batch_id, "end", n, counts)
      values (${model}, ${reference}, ${start}, ${randomUUID()}, ${end}, ${ROWS}, ${JSON.stringify(held)}::text::jsonb)`;
    const { filled, psi, noiseLimit, states, missing, fresh } = packJudged(
      profile.columns,
      compareWindow(profile, held.columns),
    );
    // The figures of a day stand for those of its hours: they take as much room.
    await db.insert(windows).values(
      Array.from({ length: 24 }, (_, hour) => {
        const from = Date.parse(start) + hour * HOUR_MS;
        return {
          modelId: model,
          version: 1,
          referenceId: reference,
          start: new Date(from),
          end: new Date(from + HOUR_MS),
          n: ROWS,
          method: 'psi_add_half/2',
          alpha: 0.01,
          filled,
          psi: psi.map((value) => value! + hour / 1e4),
          noiseLimit,
          states,
          missing,
          fresh,
          updatedAt: new Date(NOW),
        };
      }),
    );
  }
  for (const [i, other] of ids.slice(1).entries()) {
    if (i + 1 < COUNTED)
      await sql`insert into window_contributions select ${other.model}, ${other.reference}, start, gen_random_uuid(), "end", n, counts
        from window_contributions where model_id = ${model}`;
    await sql`insert into windows select ${other.model}, version, ${other.reference}, start, "end", n, method, alpha, filled, psi,
      noise_limit, states, missing, fresh, updated_at from windows where model_id = ${model}`;
  }
  await sql`insert into latest_windows select distinct on (model_id, version) model_id, version, reference_id, start, "end", n, 1
    from windows order by model_id, version, start desc`;
  await sql`analyze`;
  console.log(
    `${MODELS} models x ${FEATURES} features x ${DAYS * 24} hours (daily counts of ${COUNTED} models), filled in ${((performance.now() - from) / 1000).toFixed(0)} s`,
  );
  for (const table of ['window_contributions', 'windows']) {
    const [size] =
      await sql`select sum(pg_total_relation_size(relid)) / 1e6 as mb, (select count(*) from ${sql(table)}) as rows
      from pg_partition_tree(${table}::regclass) where isleaf`;
    const [rows, mb] = [Number(size?.rows), Number(size?.mb)];
    console.log(`  ${table}: ${rows} rows, ${mb.toFixed(0)} MB, ${((mb * 1e6) / rows).toFixed(0)} bytes each`);
  }
  const some = ids[Math.floor(COUNTED / 2)]!;
  const week = { from: new Date(FIRST + (DAYS - 7) * DAY_MS), to: new Date(FIRST + DAYS * DAY_MS) };
  const month = { from: new Date(FIRST), to: week.to };
  const known = { id: some.reference, modelId: some.model };
  const series = () => sql`select start, psi[8] as psi, noise_limit[8] as noise_limit, states[8] as state from windows
    where model_id = ${some.model} and reference_id = ${some.reference} and start >= ${month.from.toISOString()}
      and start < ${month.to.toISOString()} order by start`;
  const features = () => sql`select start, n, psi, noise_limit, states, missing, fresh from windows
    where model_id = ${some.model} and reference_id = ${some.reference} and start >= ${week.from.toISOString()}
      and start < ${week.to.toISOString()} order by start`;
  const fleet = () => sql`select model_id, version, start, "end", n from latest_windows`;
  for (const [what, wanted, run] of [
    ['one judged series, 30 days of hours', 5, series],
    [`${FEATURES} judged features, a week of hours`, 20, features],
    ["the whole fleet's latest window", 50, fleet],
    ['counts of one feature, the whole time', null, () => listColumnPieces(db, known, 'feature_7', month)],
    [`counts of ${FEATURES} features, a week`, null, () => listPieces(db, known, week)],
  ] as const) {
    const { wallMs } = await time(CALLS, async () => run());
    console.log(`${what}: ${wallMs.toFixed(1)} ms${wanted === null ? '' : ` (wanted: under ${wanted})`}`);
  }
  for (const query of [series, features, fleet]) {
    const plan = await sql`explain (analyze, buffers, summary off) ${query()}`;
    console.log(`\n${plan.map((line) => Object.values(line)[0]).join('\n')}`);
  }
} finally {
  await bench.end();
}
