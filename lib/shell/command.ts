import type * as z from 'zod';
import type { Db } from '../../db/client.ts';
import { outbox } from '../../db/schema/audit.ts';
import { type CommandName, type Denial, mayRun } from '../access/rules.ts';
import type { Actor } from '../access/schema.ts';
import { type AuditEntry, appendAudit } from './audit-chain.ts';
import { AppError, type FieldError } from './errors.ts';

export type Subject = { type: string; id: string; model?: { id: string; name: string } };
export type Job = { name: string; data: Record<string, unknown> };

/**
 * What a command must hand back; an outcome without its audit entry does not compile. `sent` is what it wrote last and
 * need not wait for: each round trip is time under its locks.
 */
export type Outcome<V> =
  | {
      value: V;
      subject: Subject;
      before: unknown;
      after: unknown;
      reason?: string;
      jobs?: Job[];
      sent?: Promise<unknown>;
    }
  | { value: V; unchanged: true };

/** What subscribers outside are told in a public form; kept with the outbox row until the pump has handed it on. */
export type PublicEvent = { name: string; data: Record<string, unknown> };

export type CommandContext = { tx: Db; actor: Actor; now: Date; emit: (...events: PublicEvent[]) => void };
export type Invocation = { db: Db; actor: Actor; now?: Date; requestId?: string };
export type Command<I, V> = {
  name: CommandName;
  parse: (input: unknown) => I;
  run: (context: CommandContext, input: I) => Promise<Outcome<V>>;
};

/** Defines one write. The name must have a row in the permission table. */
export function defineCommand<S extends z.ZodType, V>(
  name: CommandName,
  schema: S,
  run: (context: CommandContext, input: z.output<S>) => Promise<Outcome<V>>,
): Command<z.output<S>, V> {
  return { name, parse: (input) => parseInput(schema, input), run };
}

/**
 * Permission, parse, transaction, run, audit row, outbox row: in this order, the last four in one transaction. The commit
 * is sent behind the last writes without waiting for them: where one of them fails, the database takes back them all.
 */
export async function execute<I, V>(command: Command<I, V>, input: unknown, invocation: Invocation): Promise<V> {
  const { db, actor } = invocation;
  const now = invocation.now ?? new Date();
  const allowed = mayRun(actor, command.name);
  if (!allowed.ok) throw denied(allowed.error);
  const parsed = command.parse(input);
  const { value, written } = await db.transaction(async (transaction) => {
    const tx = transaction as Db;
    const events: PublicEvent[] = [];
    const emit = (...more: PublicEvent[]) => void events.push(...more);
    const outcome = await command.run({ tx, actor, now, emit }, parsed);
    if ('unchanged' in outcome) return { value: outcome.value, written: undefined };
    const { subject } = outcome;
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
    const recorded = appendAudit(tx, entry, { model, payload: events.length > 0 ? JSON.stringify(events) : null });
    const written = Promise.all([outcome.sent, recorded]);
    written.catch(() => {});
    const jobs = (outcome.jobs ?? []).map(({ name, data }) => ({
      at: now,
      key: command.name,
      subjectType: subject.type,
      subjectId: subject.id,
      model,
      job: name,
      payload: JSON.stringify(data),
    }));
    if (jobs.length > 0) {
      await written;
      await tx.insert(outbox).values(jobs);
    }
    return { value: outcome.value, written };
  });
  await written;
  return value;
}

export function denied(denial: Denial): AppError {
  const kind = denial.code === 'unauthenticated' ? 'unauthenticated' : 'forbidden';
  return new AppError(kind, denial.code, denial.message);
}

/** Keys come from the sender: no longer than a reader needs to know one again. */
const LONGEST_PATH_PART = 100;

/** Parses with the schema; a failure names every field and what was expected. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors: FieldError[] = parsed.error.issues.slice(0, 50).flatMap((issue) => {
    const path = issue.path.map((part) => String(part).slice(0, LONGEST_PATH_PART)).join('.');
    // What is wrong with a key is said one level further down.
    const { message = issue.message } = (issue.code === 'invalid_key' && issue.issues[0]) || {};
    if (issue.code !== 'unrecognized_keys') return [{ path, code: issue.code, message }];
    return issue.keys.map((key) => ({
      path: path ? `${path}.${key}` : key,
      code: 'unknown_field',
      message: 'is not a known field',
    }));
  });
  const first = errors[0];
  throw new AppError(
    'malformed',
    'invalid_input',
    first ? `${first.path || 'body'}: ${first.message}` : 'The input is not valid.',
    errors,
  );
}
