import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Baseline } from '../lib/drift/baseline.ts';
import { learnedNoise, seasonalCounts } from '../lib/drift/baseline.ts';
import { compareColumn } from '../lib/drift/compare.ts';
import { alarm } from '../lib/drift/rules.ts';
import type { DriftState } from '../lib/drift/schema.ts';
import { scoringCounts } from '../lib/measurements/bins.ts';
import { packCounts, unpackCounts } from '../lib/measurements/counts.ts';
import type { ProfiledColumn, ReferenceWindow } from '../lib/measurements/schema.ts';
import { calendar } from '../lib/measurements/windows.ts';
import { countColumn, profileColumn, type Values } from './verdicts.ts';

/** Not features: the row's own number, its time, and the outcome. */
const LEFT_OUT = new Set(['Index', 'timestamp', 'is_canceled', 'hotel', 'company', 'agent']);

type Rows = { day: string[]; columns: Map<string, Values> };

async function read(data: string, part: string): Promise<Rows> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const file = join(data, `nannyml_hotel_booking_${part}.parquet`);
  const found = (await connection.runAndReadAll(`SELECT * FROM '${file}' ORDER BY timestamp`)).getColumnsObjectJS();
  connection.closeSync();
  const columns = new Map<string, Values>();
  for (const [name, values] of Object.entries(found)) {
    if (LEFT_OUT.has(name)) continue;
    columns.set(
      name,
      values.map((value) => (typeof value === 'string' ? value : value === null ? 0 : Number(value))),
    );
  }
  return { day: found.timestamp!.map((value) => String(value).slice(0, 10)), columns };
}

const pick = (rows: Rows, name: string, keep: (day: string) => boolean): Values =>
  rows.columns.get(name)!.filter((_, i) => keep(rows.day[i]!));

const even = (day: string): boolean => Number(day.slice(8)) % 2 === 0;
const beforeOctober = (day: string): boolean => day < '2016-10';

/** A reference and what its own days teach: the columns as profiled, and its days. */
type Held = { profiled: Map<string, ProfiledColumn>; days: ReferenceWindow[] };

function hold(rows: Rows): Held {
  const profiled = new Map([...rows.columns].map(([name, values]) => [name, profileColumn(name, values)]));
  return { profiled, days: daysOf(rows, profiled) };
}

/** Columns that raise an alarm (the rule of the product: "changed a lot", or "changed" twice in a row), a window at a time. */
function alarms(rows: Rows, starts: readonly string[], held: Held, baselineOf: (start: string) => Baseline): number[] {
  const names = [...held.profiled.keys()];
  const states = new Map<string, DriftState[]>(names.map((name) => [name, []]));
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? '9999';
    const baseline = baselineOf(start);
    return names.filter((name) => {
      const column = held.profiled.get(name)!;
      const values = pick(rows, name, (day) => day >= start && day < end);
      if (values.length === 0) return false;
      states.get(name)!.push(compareColumn(column, countColumn(column.bins, values), names.length, baseline).state);
      return alarm(states.get(name)!);
    }).length;
  });
}

/**
 * Sixteen months of hotel bookings, of which the even days are reference and the uneven days are judged by month and by week: held
 * against five summer months, against all even days, against even days of the same month, and the last with learned noise.
 */
export async function hotelYear(data: string): Promise<[string, boolean][]> {
  const rows = joined(await read(data, 'reference'), await read(data, 'monitoring'));
  const judged = part(rows, (day) => !even(day));
  const summer = hold(part(rows, (day) => even(day) && beforeOctober(day)));
  const year = hold(part(rows, even));
  const sameMonth = (start: string): Baseline => {
    const counts = seasonalCounts(year.days, new Date(`${start}T00:00:00Z`), 'same_month', 'UTC')!;
    return { noise: new Map(), season: { against: 'same_month', counts } };
  };
  const fixed = (): Baseline => ({ noise: new Map() });
  console.log(`\nHotel bookings, ${year.profiled.size} columns: windows with an alarm, and alarms of columns in them`);
  const goals: [string, boolean][] = [];
  // Sixteen months are too few to learn from; weeks cut clusters of bookings apart and need it.
  const decisive = { month: 'same month', week: 'same month, learned noise' };
  for (const unit of ['month', 'week'] as const) {
    const windows = calendar(unit, 'UTC');
    const starts = [
      ...new Set(judged.day.map((day) => new Date(windows.at(Date.parse(day)).start).toISOString().slice(0, 10))),
    ];
    const noise = learnedNoise(year.days, unit, 'UTC', 'same_month');
    const rules: [string, number[]][] = [
      ['summer months', alarms(judged, starts, summer, fixed)],
      ['whole year', alarms(judged, starts, year, fixed)],
      ['same month', alarms(judged, starts, year, sameMonth)],
      ['same month, learned noise', alarms(judged, starts, year, (start) => ({ ...sameMonth(start), noise }))],
    ];
    for (const [rule, found] of rules) {
      const alarmed = found.filter((count) => count > 0).length;
      const columns = found.reduce((sum, count) => sum + count, 0);
      console.log(
        `  ${unit.padEnd(6)} ${rule.padEnd(28)}${String(alarmed).padStart(3)} of ${starts.length}${String(columns).padStart(8)}`,
      );
      if (rule === decisive[unit])
        goals.push([
          `hotel bookings by ${unit}, ${rule}: alarms in at most a quarter of them`,
          alarmed <= starts.length / 4,
        ]);
    }
  }
  return goals;
}

function joined(a: Rows, b: Rows): Rows {
  const columns = new Map([...a.columns].map(([name, values]) => [name, [...values, ...b.columns.get(name)!]]));
  return { day: [...a.day, ...b.day], columns };
}

function part(rows: Rows, keep: (day: string) => boolean): Rows {
  const columns = new Map([...rows.columns.keys()].map((name) => [name, pick(rows, name, keep)]));
  return { day: rows.day.filter(keep), columns };
}

function daysOf(rows: Rows, profiled: ReadonlyMap<string, ProfiledColumn>): ReferenceWindow[] {
  return [...new Set(rows.day)].map((day) => {
    const columns: ReferenceWindow['columns'] = {};
    let n = 0;
    for (const [name, column] of profiled) {
      const values = pick(rows, name, (other) => other === day);
      n = values.length;
      columns[name] = packCounts(scoringCounts(column.bins, unpackCounts(countColumn(column.bins, values).counts)));
    }
    return { start: `${day}T00:00:00.000Z`, n, columns };
  });
}
