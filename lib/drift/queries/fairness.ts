import type { Db } from '../../../db/client.ts';
import { getWorkspace } from '../../access/queries.ts';
import { ownValue } from '../../base/own-value.ts';
import { unpackCounts } from '../../measurements/counts.ts';
import { findReference, listBatchesWithin, type Reference } from '../../measurements/queries.ts';
import type { Share } from '../../measurements/ratio.ts';
import { spellings } from '../../measurements/rules.ts';
import type { BinaryState, PackedCounts, SegmentCounts, Task } from '../../measurements/schema.ts';
import { calendar } from '../../measurements/windows.ts';
import { viewProtection } from '../../models/queries.ts';
import type { Favourable } from '../../models/schema.ts';
import { notFound, refused } from '../../shell/errors.ts';
import { FOUR_FIFTHS, type Group, judgeFairness, MIN_GROUP } from '../fairness.ts';
import { segmentName } from '../rules.ts';
import type { FairnessView } from '../schema.ts';
import { countSegmentsNow } from './segments.ts';
import type { Range } from './source.ts';
import { takeTurn } from './turns.ts';

export type FairnessQuery = Range & { version: number | null; column: string };

/**
 * How often each group of a protected column got the favourable answer over a range, whole days, and how that compares. Everybody who
 * sees the model sees the same: what is protected is named by a command, and read like any other column.
 */
export async function getFairness(db: Db, modelId: string, query: FairnessQuery): Promise<FairnessView> {
  const { columns, favourable } = await viewProtection(db, modelId);
  const named = columns.find(({ column }) => column === query.column);
  if (!named)
    throw refused('not_protected', 'column', `"${query.column}" is not named as a protected column of this model.`);
  const nothing = (state: FairnessView['state']): FairnessView => ({
    state,
    column: query.column,
    favourable,
    answer: null,
    base: named.base,
    baseNamed: named.base !== null,
    limit: FOUR_FIFTHS,
    minimum: MIN_GROUP,
    labelled: 0,
    groups: [],
  });
  const reference = query.version === null ? undefined : await findReference(db, modelId, query.version);
  if (!reference) return nothing('no_reference');
  if (!reference.profile.columns.some((column) => column.name === query.column))
    throw notFound('feature', query.column);
  const { task } = reference.profile;
  if (task?.task !== 'binary') return nothing('not_binary');
  const { timezone } = await getWorkspace(db);
  const range = { ...query, from: new Date(calendar('day', timezone).at(query.from.getTime()).start) };
  const batchIds = await listBatchesWithin(db, reference, range);
  if (batchIds.length === 0) return nothing('no_data');
  const slim = onlyAnswers(reference, query.column);
  const counted = await takeTurn(() => countSegmentsNow(db, slim, query.column, range, batchIds), query.leaves);
  const groups = counted.map((held) => groupOf(slim, held, task, favourable));
  const judged = judgeFairness(groups, named.base);
  return {
    ...nothing('ready'),
    ...judged,
    base: judged.base ?? named.base,
    answer: answerWords(slim, task, favourable),
    labelled: groups.reduce((sum, { rightly, wrongly }) => sum + rightly.n + wrongly.n, 0),
  };
}

/** The reference with the few columns that fairness asks about: every other one would be counted for nothing. */
function onlyAnswers(reference: Reference, by: string): Reference {
  const { windows: _, columns, ...profile } = reference.profile;
  const asked = columns.filter(({ name, role }) => name === by || role === 'score' || role === 'prediction');
  return { ...reference, profile: { ...profile, columns: asked } };
}

function groupOf(reference: Reference, counted: SegmentCounts, task: Task, favourable: Favourable): Group {
  const state = counted.performance?.task === 'binary' ? counted.performance : null;
  const { tp, fn, fp, tn } = state?.confusion ?? { tp: 0, fn: 0, fp: 0, tn: 0 };
  const positive = favourable === 'positive';
  return {
    name: segmentName(counted.segment),
    named: !('missing' in counted.segment) && !('other' in counted.segment),
    rows: counted.n,
    selected: selectedOf(reference, counted, state, task, positive),
    rightly: positive ? { hits: tp, n: tp + fn } : { hits: tn, n: tn + fp },
    wrongly: positive ? { hits: fp, n: fp + tn } : { hits: fn, n: fn + tp },
  };
}

/** Rows with the favourable answer, of all that have one: from the scored rows, else from the counts of the predicted classes. */
function selectedOf(
  reference: Reference,
  counted: SegmentCounts,
  state: BinaryState | null,
  task: Task,
  positive: boolean,
): Share {
  const sum = (packed: PackedCounts) => unpackCounts(packed).reduce((total, count) => total + count, 0);
  const outputs = state?.outputs;
  const said = outputs
    ? { yes: sum(outputs.positive), no: sum(outputs.negative) }
    : predicted(reference, counted, task.task === 'binary' ? task.positive : '');
  return { hits: positive ? said.yes : said.no, n: said.yes + said.no };
}

function predicted(reference: Reference, counted: SegmentCounts, positive: string): { yes: number; no: number } {
  const column = reference.profile.columns.find(({ role }) => role === 'prediction');
  const held = column && ownValue(counted.columns, column.name);
  if (!column || !held || column.bins.kind !== 'categorical') return { yes: 0, no: 0 };
  const counts = unpackCounts(held.counts);
  const all = counts.reduce((total, count) => total + count, 0);
  const same = spellings(positive);
  const at = column.bins.categories.findIndex((category) => same.includes(category));
  // A class too seldom for a bin of its own is in the last one, beside values never seen before.
  const rare = column.bins.rare.some((value) => same.includes(value)) ? counts.at(-1)! - held.newCount : 0;
  const yes = at >= 0 ? counts[at]! : rare;
  return { yes, no: all - yes };
}

function answerWords(reference: Reference, task: Extract<Task, { task: 'binary' }>, favourable: Favourable): string {
  const predicts = reference.profile.columns.find(({ role }) => role === 'prediction');
  if (predicts) return `${predicts.name} ${favourable === 'positive' ? 'is' : 'is not'} "${task.positive}"`;
  const score = reference.profile.columns.find(({ role }) => role === 'score');
  return `${score?.name ?? 'score'} ${favourable === 'positive' ? 'from' : 'below'} ${task.threshold}`;
}
