import { ProblemError } from '../../lib/board/client.ts';

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

/** fetch cannot say how much of a body has left; XMLHttpRequest can. A reference too is answered before it is read. */
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
    request.setRequestHeader('prefer', 'respond-async');
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
    request.onabort = () => reject(new ProblemError(0, { code: 'stopped', detail: 'Stopped. Nothing was kept.' }));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
