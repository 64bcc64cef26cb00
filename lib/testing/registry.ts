import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { RouteHandler } from '../shell/http.ts';
import { type Answer, call } from './web.ts';

/**
 * The registry protocol as a client speaks it, through its real route file: `send('POST registered-models/create', { name })`.
 * @param authorization read at each call, because tokens are made when the tests begin
 */
export function registryClient(
  verbs: Record<'GET' | 'POST' | 'PATCH' | 'DELETE', RouteHandler>,
  authorization: () => string,
) {
  function send(address: string, message: unknown = {}, as: string = authorization()): Promise<Answer> {
    const [method, ...rest] = address.split(' ') as [keyof typeof verbs, ...string[]];
    const text = (one: unknown) => (typeof one === 'object' ? JSON.stringify(one) : String(one));
    const pairs = Object.entries(message ?? {}).flatMap(([key, value]) =>
      [value].flat().map((one) => [key, text(one)]),
    );
    return call(verbs[method], method, '/api/2.0/mlflow/[...path]', {
      params: { path: rest.join(' ').split('/') },
      headers: { 'content-type': 'application/json', ...(as ? { authorization: as } : {}) },
      ...(method === 'GET' ? { query: `?${new URLSearchParams(pairs)}` } : { body: JSON.stringify(message) ?? 'null' }),
    });
  }

  async function ok(address: string, message: object = {}): Promise<Record<string, never>> {
    const { status, body } = await send(address, message);
    expect([address, status, body.message]).toEqual([address, 200, undefined]);
    return body as Record<string, never>;
  }

  /** The status, the code and the words of a refusal. */
  const no = async (address: string, message: object) => {
    const { status, body } = await send(address, message);
    return [status, body.error_code, body.message];
  };

  const fresh = (): string => `m ${randomBytes(8).toString('hex')}`;

  /** A new model with so many versions, and its name. */
  async function model(versions = 0, tags: object[] = []): Promise<string> {
    const name = fresh();
    await ok('POST registered-models/create', { name, tags });
    for (let n = 0; n < versions; n += 1) await ok('POST model-versions/create', { name, source: `s3://b/${n}` });
    return name;
  }

  return { send, ok, no, fresh, model };
}
