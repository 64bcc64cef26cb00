import * as z from 'zod';
import { asAppError, type Policy, type RequestContext } from '../shell/http.ts';
import { fromQuery, readMessage, registryError } from './wire.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Context = Pick<RequestContext, 'db' | 'run' | 'json' | 'url' | 'params'>;
export type Endpoint = { method: Method; path: string; policy: Policy; handle: (context: Context) => Promise<unknown> };
export type Fields<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

/** GET speaks in the query string, everything else in a JSON body; failures come back in the protocol's words. */
export function endpoint<S extends z.ZodRawShape>(
  method: Method,
  path: string,
  policy: Policy,
  shape: S,
  work: (context: Context, input: z.output<z.ZodObject<S>>) => Promise<unknown>,
): Endpoint {
  const schema = z.object(shape);
  const handle = async (context: Context) => {
    const message = method === 'GET' ? fromQuery(context.url.searchParams) : await context.json();
    try {
      return await work(context, readMessage(schema, message) as z.output<z.ZodObject<S>>);
    } catch (error) {
      const known = asAppError(error);
      // What nobody foresaw goes on as it is, for the log.
      throw known.kind === 'internal' ? error : registryError(known, message);
    }
  };
  return { method, path, policy, handle };
}
