import * as z from 'zod';
import type { Db } from '../../db/client.ts';
import { type Asked, asAppError, type Policy, type RequestContext, type Search } from '../shell/http.ts';
import { fromQuery, invalid, readMessage, registryError } from './wire.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Context = Pick<RequestContext, 'db' | 'run' | 'json' | 'text' | 'headers' | 'url' | 'params' | 'ahead'>;
export type Endpoint = {
  method: Method;
  path: string;
  policy: Policy;
  handle: (context: Context) => Promise<unknown>;
  /** The same work of a read by key, which may begin before it is known who asks. */
  ahead?: (asked: Asked) => Promise<unknown>;
  /** A search whose first statement may travel with the look at who asks. */
  search?: (asked: Asked) => Search | undefined;
  /** It is about the model of its `name`, whose standing may be asked for just as early. */
  standing?: true;
};
export type Fields<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

/** GET speaks in the query string, or without one in a JSON body as everything else does. */
export function endpoint<S extends z.ZodRawShape>(
  method: Method,
  path: string,
  policy: Policy,
  shape: S,
  work: (context: Context, input: z.output<z.ZodObject<S>>) => Promise<unknown>,
): Endpoint {
  const answer = answering(shape, work);
  const handle = async (context: Context) => answer(context, await messageOf(method, context));
  return { method, path, policy, handle };
}

/** A GET that reads by key and nothing else: it is begun while it is looked up who asks. */
export function keyedEndpoint<S extends z.ZodRawShape>(
  path: string,
  policy: Policy,
  shape: S,
  work: (at: { db: Db }, input: z.output<z.ZodObject<S>>) => Promise<unknown>,
): Endpoint {
  const answer = answering(shape, work);
  const ahead = ({ db, url }: Asked) => answer({ db }, fromQuery(url.searchParams));
  const handle = async (context: Context) => context.ahead ?? answer(context, await messageOf('GET', context));
  return { method: 'GET', path, policy, ahead, handle };
}

/** A GET that searches: its first statement travels with the look at who asks, when it is one short page. */
export function searchEndpoint<S extends z.ZodRawShape>(
  path: string,
  policy: Policy,
  shape: S,
  searchOf: (input: z.output<z.ZodObject<S>>) => Search & { read: (db: Db) => Promise<unknown> },
): Endpoint {
  const answer = answering(shape, ({ db }: { db: Db }, input: z.output<z.ZodObject<S>>) => searchOf(input).read(db));
  const schema = z.object(shape);
  const search = ({ url }: Asked) => {
    try {
      return searchOf(readMessage(schema, fromQuery(url.searchParams)) as z.output<z.ZodObject<S>>);
    } catch {
      // The handler comes to the same and says it, once it is known who asks.
      return undefined;
    }
  };
  const handle = async (context: Context) => (await context.ahead) ?? answer(context, await messageOf('GET', context));
  return { method: 'GET', path, policy, search, handle };
}

async function messageOf(method: Method, { url, headers, text, json }: Context): Promise<Record<string, unknown>> {
  if (method === 'GET') return url.search === '' ? json() : fromQuery(url.searchParams);
  const type = headers.get('content-type');
  if (!JSON_TYPE.test(type ?? '') && text() !== '')
    throw invalid(
      type
        ? "Bad Request. Content-Type must be one of ['application/json']."
        : 'Bad Request. Content-Type header is missing.',
    );
  return json();
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Reads the message and does the work; failures come back in the protocol's words. */
function answering<S extends z.ZodRawShape, C>(
  shape: S,
  work: (context: C, input: z.output<z.ZodObject<S>>) => Promise<unknown>,
): (context: C, message: Record<string, unknown>) => Promise<unknown> {
  const schema = z.object(shape);
  return async (context, message) => {
    try {
      return await work(context, readMessage(schema, message) as z.output<z.ZodObject<S>>);
    } catch (error) {
      const known = asAppError(error);
      // What nobody foresaw goes on as it is, for the log.
      throw known.kind === 'internal' ? error : registryError(known, message);
    }
  };
}
