import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { findContract } from '../contracts/queries.ts';
import { expectedWords } from '../contracts/rules/judge.ts';
import type { DataContract } from '../contracts/schema.ts';
import { parseInput } from '../shell/command.ts';
import { AppError } from '../shell/errors.ts';
import type { RequestContext } from '../shell/http.ts';
import { hasBlob, openBlob } from './blobs.ts';
import { METRICS_MAX, recordMetrics } from './commands/record-metrics.ts';
import { otlpMetrics, readOtlp } from './otlp.ts';
import { getBatch } from './queries.ts';
import { asideLine } from './schema.ts';

/** What an OTLP exporter reads of the answer: nothing when all was taken, else how many points were not, and why. */
export type OtlpAnswer = { partialSuccess?: { rejectedDataPoints: string; errorMessage: string } };

/**
 * An OTLP/HTTP metrics export in JSON, as an OpenTelemetry Collector sends it (`otlphttp` with `encoding: json` and this
 * server's `/api/otlp` as endpoint). A model that is not registered rejects its points and none of the others'.
 */
export async function receiveOtlpMetrics({ request, json, run }: RequestContext): Promise<OtlpAnswer> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new AppError('unsupported_type', 'unsupported_type', 'Content-Type must be application/json (OTLP in JSON).');
  const reading = readOtlp(parseInput(otlpMetrics, await json()));
  let { rejected, reason } = reading;
  for (const [model, figures] of reading.byModel) {
    for (let from = 0; from < figures.length; from += METRICS_MAX) {
      const part = figures.slice(from, from + METRICS_MAX);
      try {
        const answer = await run(recordMetrics, { model, figures: part });
        rejected += answer.rejected.length;
        reason ??= answer.rejected[0]?.message ?? null;
      } catch (error) {
        // Whoever may not write, or must come again later, has to hear it as a status.
        if (!(error instanceof AppError) || (error.kind !== 'not_found' && error.kind !== 'malformed')) throw error;
        rejected += part.length;
        reason ??= error.message;
      }
    }
  }
  if (rejected === 0) return {};
  return { partialSuccess: { rejectedDataPoints: String(rejected), errorMessage: reason ?? '' } };
}

/**
 * The rows of a batch that do not count, as CSV: one line a broken rule, with the row's number (data rows from 1), the column, its value,
 * the rule, what it expects, and then the row as it came. A batch without such rows has the header only.
 */
export async function sendAside({ db, params, requestId }: RequestContext): Promise<Response> {
  const { batch, model } = await getBatch(db, params.id!);
  const held = await findContract(db, { id: batch.modelId, name: model }, batch.version, batch.contractVersion);
  if (batch.asidePath !== null && !(await hasBlob(batch.asidePath)))
    throw new AppError('not_found', 'quarantine_gone', 'The file of the rows that were set aside is no longer there.');
  const file = batch.asidePath === null ? null : await openBlob(batch.asidePath);
  const bytes = Readable.from(asideCsv(file?.path ?? null, held?.contract)).once('close', () => void file?.release());
  return new Response(Readable.toWeb(bytes) as ReadableStream, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="set-aside-${batch.id}.csv"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-request-id': requestId,
    },
  });
}

const ASIDE_HEADER = ['row', 'column', 'value', 'rule', 'expected'];

async function* asideCsv(path: string | null, contract: DataContract | undefined): AsyncGenerator<Uint8Array> {
  let columns: string[] | null = null;
  const lines = path === null ? [] : createInterface({ input: createReadStream(path) });
  for await (const text of lines) {
    const { row, broken, values } = asideLine.parse(JSON.parse(text));
    if (columns === null) {
      columns = Object.keys(values);
      yield csvLine([...ASIDE_HEADER, ...columns]);
    }
    const whole = columns.map((column) => values[column] ?? '');
    for (const { rule, column } of broken) {
      const terms = contract?.columns.find((one) => one.name === column);
      const expected = expectedWords(rule, terms, contract);
      yield csvLine([String(row), column, values[column] ?? '', rule, expected, ...whole]);
    }
  }
  if (columns === null) yield csvLine(ASIDE_HEADER);
}

/** A spreadsheet runs what begins like a formula, whoever wrote it: such a cell gets an apostrophe (OWASP, CSV injection). */
function csvLine(cells: readonly string[]): Uint8Array {
  const safe = cells.map((cell) => (/^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell));
  const line = safe.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return Buffer.from(`${line.join(',')}\n`);
}
