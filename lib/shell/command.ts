import type * as z from 'zod';
import type { Db } from '../../db/client.ts';
import { type Piece, piece } from '../../db/sql-pieces.ts';
import { type CommandName, type Denial, mayRun } from '../access/rules.ts';
import type { Actor } from '../access/schema.ts';
import { fieldErrors } from '../base/field-errors.ts';
import { type AuditEntry, appendAudit, type Together } from './audit-chain.ts';
import { AppError } from './errors.ts';

export type Subject = { type: string; id: string; model?: { id: string; name: string } };
export type Job = { name: string; data: Record<string, unknown> };

/**
 * What a command must hand back; an outcome without its audit entry does not compile. `writes` is what it need not wait
 * for: it travels with the audit entry in one statement, as each round trip is time under its locks.
 */
export type Outcome<V> =
  | {
      value: V;
      subject: Subject;
      before: unknown;
      after: unknown;
      reason?: string;
      jobs?: Job[];
      writes?: Piece[];
      /** Of a command at once: the first write, and why there was nothing to write when it had no row. */
      claim?: { write: Piece; refusal: () => AppError };
    }
  | { value: V; unchanged: true };

/** What subscribers outside are told in a public form; kept with the outbox row until the pump has handed it on. */
export type PublicEvent = { name: string; data: Record<string, unknown> };

/** A model as it stands, without its lock. `revision` is the length of its trail, which every change to it moves on. */
export type ModelStanding = {
  id: string;
  name: string;
  lastVersion: number;
  isPrompt: boolean;
  revision: number | null;
};

/** What a command at once goes by: a standing that may have been asked for ahead, and the one it relied on. */
export type Unlocked = { ahead: Promise<ModelStanding | undefined> | undefined; relied?: ModelStanding };

export type CommandContext = {
  tx: Db;
  actor: Actor;
  now: Date;
  emit: (...events: PublicEvent[]) => void;
  /** Only while a command is tried at once: then `tx` is no transaction. */
  unlocked?: Unlocked;
};
export type Invocation = { db: Db; actor: Actor; now?: Date; requestId?: string; ahead?: Unlocked['ahead'] };
export type Command<I, V> = {
  name: CommandName;
  parse: (input: unknown) => I;
  run: (context: CommandContext, input: I) => Promise<Outcome<V>>;
  atOnce: boolean;
};

/** Defines one write. The name must have a row in the permission table. */
export function defineCommand<S extends z.ZodType, V>(
  name: CommandName,
  schema: S,
  run: (context: CommandContext, input: z.output<S>) => Promise<Outcome<V>>,
): Command<z.output<S>, V> {
  return { name, parse: (input) => parseInput(schema, input), run, atOnce: false };
}

/**
 * One that only reads and hands back all that is to be written, so that it can be done by one statement. It is judged on a
 * model's standing as read, and written only if the model's trail has not moved on meanwhile; else it is run again under the
 * lock.
 */
export const defineAtOnce: typeof defineCommand = (name, schema, run) => ({
  ...defineCommand(name, schema, run),
  atOnce: true,
});

/** Permission, parse, transaction, run, audit row, outbox row: in this order, the last four in one transaction. */
export async function execute<I, V>(command: Command<I, V>, input: unknown, invocation: Invocation): Promise<V> {
  const allowed = mayRun(invocation.actor, command.name);
  if (!allowed.ok) throw denied(allowed.error);
  const run: Run<I, V> = {
    command,
    input: command.parse(input),
    invocation,
    now: invocation.now ?? new Date(),
  };
  const done = command.atOnce ? await runAtOnce(run) : undefined;
  return (done ?? (await runLocked(run))).value;
}

type Run<I, V> = { command: Command<I, V>; input: I; invocation: Invocation; now: Date };

/** One statement is a transaction of its own. @returns nothing when the model has changed, and nothing was written */
async function runAtOnce<I, V>(run: Run<I, V>): Promise<{ value: V } | undefined> {
  const { db, ahead } = run.invocation;
  const unlocked: Unlocked = { ahead };
  const { outcome, events } = await outcomeOf(run, db, unlocked);
  if ('unchanged' in outcome) return outcome;
  const { relied } = unlocked;
  const { claim } = outcome;
  if (relied?.revision === null) return undefined;
  const lock = relied && piece('select 1 from models where id = ?::uuid for no key update', relied.id);
  const guard = claim?.write ?? lock;
  if (!guard) throw new Error(`${run.command.name} says neither what it relies on nor what it claims`);
  const written = await record(db, run, outcome, events, { guard, ...(relied && { revision: relied.revision }) });
  if (!written && claim) throw claim.refusal();
  return written ? outcome : undefined;
}

/**
 * The commit is sent behind the last writes without waiting for them: where one of them fails, the database takes back them
 * all.
 */
async function runLocked<I, V>(run: Run<I, V>): Promise<{ value: V }> {
  const { outcome, written } = await run.invocation.db.transaction(async (transaction) => {
    const tx = transaction as Db;
    const { outcome, events } = await outcomeOf(run, tx);
    if ('unchanged' in outcome) return { outcome, written: undefined };
    const written = record(tx, run, outcome, events, {});
    written.catch(() => {});
    return { outcome, written };
  });
  await written;
  return outcome;
}

async function outcomeOf<I, V>({ command, input, invocation, now }: Run<I, V>, tx: Db, unlocked?: Unlocked) {
  const events: PublicEvent[] = [];
  const emit = (...more: PublicEvent[]) => void events.push(...more);
  const context = { tx, actor: invocation.actor, now, emit };
  const outcome = await command.run(unlocked ? { ...context, unlocked } : context, input);
  return { outcome, events };
}

/** The trail's entry, the news, the jobs and whatever the command left to be written, by one statement. */
function record<I, V>(
  db: Db,
  { command, invocation, now }: Run<I, V>,
  outcome: Exclude<Outcome<V>, { unchanged: true }>,
  events: PublicEvent[],
  condition: Pick<Together, 'guard' | 'revision'>,
): Promise<boolean> {
  const { subject, writes = [], jobs = [] } = outcome;
  const { actor } = invocation;
  const model = subject.model?.name ?? null;
  const entry: AuditEntry = {
    stream: subject.model?.id ?? 'workspace',
    at: now,
    action: command.name,
    actor: { kind: actor.kind, id: actor.id, name: actor.name, roles: actor.roles },
    subject: { type: subject.type, id: subject.id },
    modelId: subject.model?.id ?? null,
    ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
    before: outcome.before,
    after: outcome.after,
    requestId: invocation.requestId ?? null,
  };
  const started = jobs.map(({ name, data }) =>
    jobWrite(now.toISOString(), command.name, subject.type, subject.id, model, name, JSON.stringify(data)),
  );
  const payload = events.length > 0 ? JSON.stringify(events) : null;
  return appendAudit(db, entry, { model, payload }, { ...condition, writes: [...writes, ...started] });
}

const jobWrite = (...values: (string | null)[]): Piece =>
  piece(
    `insert into outbox (at, key, subject_type, subject_id, model, job, payload)
    select ?::timestamptz, ?::text, ?::text, ?::text, ?::text, ?::text, ?::text from head`,
    ...values,
  );

export function denied(denial: Denial): AppError {
  const kind = denial.code === 'unauthenticated' ? 'unauthenticated' : 'forbidden';
  return new AppError(kind, denial.code, denial.message);
}

/** Parses with the schema; a failure names every field and what was expected. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error);
  const first = errors[0];
  throw new AppError(
    'malformed',
    'invalid_input',
    first ? `${first.path || 'body'}: ${first.message}` : 'The input is not valid.',
    errors,
  );
}
