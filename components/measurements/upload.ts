import { ProblemError } from '../../lib/board/client.ts';

export type UploadKind = 'reference' | 'observations' | 'labels';
export type Roles = Record<string, string>;

const TYPES = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
} as const;
export type Format = keyof typeof TYPES;

/** From the name, with or without .gz; the server looks at the content itself. */
export function formatOf(name: string): Format | null {
  const ending = name.toLowerCase().replace(/\.gz$/, '').split('.').at(-1);
  return ending !== undefined && ending in TYPES ? (ending as Format) : null;
}

const HEAD_BYTES = 64 * 1024;

/** The column names of a CSV or NDJSON file, from its first bytes; null where the browser cannot read them. */
export async function columnsOf(file: File): Promise<string[] | null> {
  const format = formatOf(file.name);
  if (format === null || format === 'parquet' || file.name.toLowerCase().endsWith('.gz')) return null;
  const head = (await file.slice(0, HEAD_BYTES).text()).replace(/^\ufeff/, '');
  const first = head.split(/\r?\n/, 1)[0] ?? '';
  if (format !== 'csv') {
    try {
      return Object.keys(JSON.parse(first) as Record<string, unknown>);
    } catch {
      return null;
    }
  }
  const separator = [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length)[0] ?? ',';
  return first.split(separator).map((name) =>
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  );
}

const GUESSES = {
  timestamp: /^(ts|time|timestamp|date|datetime|event_time|created_at|.*_at)$/i,
  id: /^(id|row_id|prediction_id|event_id|uuid|request_id)$/i,
  prediction: /^(prediction|predicted|pred|y_pred|yhat|y_hat)$/i,
  score: /^(score|proba|probability|y_score|p1|prob)$/i,
  label: /^(label|target|y|y_true|outcome|actual|default)$/i,
  segment: /^(segment|region|country|group)$/i,
} as const;
export const ROLES = Object.keys(GUESSES) as (keyof typeof GUESSES)[];

export function guessRoles(columns: readonly string[]): Roles {
  return Object.fromEntries(
    ROLES.flatMap((role) => {
      const found = columns.find((column) => GUESSES[role].test(column));
      return found ? [[role, found]] : [];
    }),
  );
}

export function uploadPath(kind: UploadKind, model: string, version: number, roles: Roles): string {
  const base = `/api/v1/models/${encodeURIComponent(model)}`;
  const place = kind === 'labels' ? `${base}/labels` : `${base}/versions/${version}/${kind}`;
  const wanted = kind === 'labels' ? ['id', 'label'] : ROLES;
  const query = new URLSearchParams(
    Object.entries(roles).filter(([role, column]) => column && (wanted as string[]).includes(role)),
  );
  return query.size > 0 ? `${place}?${query}` : place;
}

/** fetch cannot say how much of a body has left; XMLHttpRequest can. */
export function sendFile(
  method: 'PUT' | 'POST',
  path: string,
  file: File,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.setRequestHeader('content-type', TYPES[formatOf(file.name) ?? 'csv']);
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      let body: Record<string, unknown> = {};
      try {
        body = JSON.parse(request.responseText) as Record<string, unknown>;
      } catch {
        body = { detail: `The server answered ${request.status}.` };
      }
      if (request.status < 300) resolve(body);
      else reject(new ProblemError(request.status, body));
    };
    request.onerror = () =>
      reject(new ProblemError(0, { detail: 'The connection broke off. Nothing was kept; send the file again.' }));
    request.onabort = () => reject(new ProblemError(0, { detail: 'Stopped. Nothing was kept.' }));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
