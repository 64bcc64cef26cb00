import type { UploadFault, UploadFormat } from './schema.ts';

/** Ends a job inside the child with what is wrong with the data; anything else thrown there is our own fault. */
export class DataFault extends Error {
  readonly faults: UploadFault[];

  constructor(faults: UploadFault[]) {
    super(faults[0]?.message ?? 'unknown fault');
    this.faults = faults;
  }
}

/** A disk that is full: found while reading, but nothing that the data can help. */
export const isNoSpace = (error: unknown): boolean =>
  error instanceof Error && /\bENOSPC\b|no space left on device|disk quota exceeded/i.test(error.message);

/**
 * Reading errors of DuckDB in our words, without the path of the file. Unknown ones keep their first line; lines only text has.
 * @throws the error itself where it is no fault of the data: the disk is full
 */
export function readingFault(error: unknown, format: UploadFormat = 'parquet'): UploadFault {
  if (isNoSpace(error)) throw error;
  const message = error instanceof Error ? error.message : String(error);
  if (/out of memory/i.test(message)) {
    return {
      code: 'out_of_memory',
      message: 'The data needs more memory than a reader may use; send it in smaller files.',
    };
  }
  const said = /line:? (\d+)/i.exec(message)?.[1];
  if (said !== undefined && format !== 'parquet') {
    // DuckDB counts the line after the malformed one in NDJSON (seen in 1.5.6).
    const line = format === 'ndjson' ? Math.max(1, Number(said) - 1) : Number(said);
    const why = /malformed json/i.test(message) ? 'is not a JSON object' : 'does not have the columns of the header';
    return { code: 'malformed_row', line, message: `Line ${line} ${why}.` };
  }
  const first = message.split('\n')[0]!.replaceAll(/(['"])[^'"]*\/[^'"]*\1/g, 'the file');
  return { code: 'unreadable', message: `The file cannot be read: ${first}` };
}
