// False alarms and found shifts of the drift verdict, beside other tools' rules on the same draws. Run: node bench/alarms.ts
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chunkThresholds } from '../lib/drift/nannyml.ts';
import { COLUMNS, seeded } from './columns.ts';
import { hotelYear } from './hotel-year.ts';
import { isDrift, jensenShannonRule, judge, PEERS, sampleOf } from './verdicts.ts';

const RUNS = 100;
const REFERENCE_CHUNKS = 10;
const CHUNK_RUNS = 10;
const WINDOWS_A_REFERENCE = 10;
/** What drift.md 6b measured of the tools themselves, on columns of its own: reference and window of equal size. */
const PUBLISHED: Record<string, { quiet: string; found: string }> = {
  'Evidently default': { quiet: '19 / 18 / 19 / 5', found: '92 / 88' },
  'PSI ≥ 0.1, Evidently bins': { quiet: '80 / 33 / 10 / 5', found: '72 / 65' },
  'KS/chi² p < 0.05': { quiet: '3.6 / 3.7 / 4.5 / 4.4', found: '96 / 96' },
  'same, Bonferroni': { quiet: '0 / 0.4 / 0.1 / 0.4', found: '94 / 95' },
  'NannyML mean + 3 std': { quiet: 'median 6 (2 with 30 chunks)', found: '-' },
  Plumbline: { quiet: '0.1 / 0 / 0 / 0', found: '81 / 79' },
};
const OWN = 'Plumbline';

type Study = { referenceRows: number; rows: number; shift: number; runs: number };

/** Share of column-windows each rule calls drifted, in percent. */
function study({ referenceRows, rows, shift, runs }: Study, seed: number): Map<string, number> {
  const flags = new Map<string, number>([OWN, ...Object.keys(PEERS)].map((rule) => [rule, 0]));
  const random = seeded(seed);
  for (let run = 0; run < runs; run++) {
    for (const column of COLUMNS) {
      const reference = Array.from({ length: referenceRows }, () => column.draw(random, 0));
      const current = Array.from({ length: rows }, () => column.draw(random, shift));
      const sample = sampleOf(reference, current);
      const says: [string, boolean][] = [
        [OWN, isDrift(judge(column.name, reference, current, COLUMNS.length))],
        ...Object.entries(PEERS).map(([rule, flagged]): [string, boolean] => [rule, flagged(sample, COLUMNS.length)]),
      ];
      for (const [rule, drift] of says) flags.set(rule, flags.get(rule)! + Number(drift));
    }
  }
  return new Map([...flags].map(([rule, count]) => [rule, (100 * count) / (runs * COLUMNS.length)]));
}

/**
 * NannyML's default (Jensen-Shannon on Doane bins) with limits from ten reference chunks of the window's size, which is how that tool
 * is used: share of undrifted column-windows outside, in percent.
 */
function chunkRule(rows: number, seed: number): number {
  const random = seeded(seed);
  let flags = 0;
  for (let run = 0; run < CHUNK_RUNS; run++) {
    for (const column of COLUMNS) {
      const draw = (count: number) => Array.from({ length: count }, () => column.draw(random, 0));
      const chunks = Array.from({ length: REFERENCE_CHUNKS }, () => draw(rows));
      const distance = jensenShannonRule(chunks.flat());
      const { upper } = chunkThresholds(chunks.map(distance));
      for (let i = 0; i < WINDOWS_A_REFERENCE; i++) flags += Number(distance(draw(rows)) > upper);
    }
  }
  return (100 * flags) / (CHUNK_RUNS * COLUMNS.length * WINDOWS_A_REFERENCE);
}

const percent = (value: number) => (value === 0 ? '0' : value.toFixed(value < 10 ? 1 : 0));
const table = (title: string, studies: Map<string, number>[], published: 'quiet' | 'found') => {
  console.log(`\n${title}`);
  for (const rule of Object.keys(PUBLISHED)) {
    const measured = studies.map((one) => one.get(rule)).map((value) => (value === undefined ? '-' : percent(value)));
    console.log(`  ${rule.padEnd(28)}${measured.join(' / ').padEnd(28)}published ${PUBLISHED[rule]![published]}`);
  }
};

const sizes = [100, 300, 1000, 5000];
const quiet = sizes.map((rows, i) => study({ referenceRows: rows, rows, shift: 0, runs: RUNS }, 1_000 + i));
for (const [i, one] of quiet.slice(0, 3).entries()) one.set('NannyML mean + 3 std', chunkRule(sizes[i]!, 3_000 + i));
table(
  `False alarms, % of ${RUNS * COLUMNS.length} column-windows without drift, n = reference = ${sizes.join(' / ')}`,
  quiet,
  'quiet',
);
const found = [300, 5000].map((rows, i) =>
  study({ referenceRows: rows === 300 ? 1500 : 5000, rows, shift: 0.5, runs: RUNS / 2 }, 2_000 + i),
);
table(
  'Found, % of column-windows shifted by half a standard deviation, n = 300 (reference 1500) / 5000',
  found,
  'found',
);

const goals: [string, boolean][] = [
  ['at most 0.2% of columns at n = 100', quiet[0]!.get(OWN)! <= 0.2],
  ['none from n = 300', quiet.slice(1).every((one) => one.get(OWN) === 0)],
  ['at least 80% found at half a deviation, n = 300', found[0]!.get(OWN)! >= 80],
];
const data = join(import.meta.dirname, '../../shared/data');
if (existsSync(data)) goals.push(...(await hotelYear(data)));
else console.log('\nHotel bookings: not measured, the data is not here.');

console.log('');
for (const [goal, met] of goals) console.log(`${met ? 'met   ' : 'MISSED'} ${goal}`);
if (goals.some(([, met]) => !met)) process.exitCode = 1;
