import { METHODS, type Method, type Module } from './web.ts';

export const ROLES = ['product', 'data', 'ops', 'validator', 'auditor', 'viewer', 'admin'] as const;
export const WORLD = [...ROLES, 'anonymous'] as const;

const key = (method: string, path: string): string => `${method} ${path.replace('/api/v1', '')}`;

/** The route that a name such as `POST /models` stands for. */
export function findRoute(routes: readonly Module[], name: string) {
  const [method, path] = name.split(' ') as [Method, string];
  const route = routes.find((held) => held.path === `/api/v1${path}` || held.path === path);
  const handler = route?.handlers[method];
  if (!route || !handler) throw new Error(`there is no route ${name}`);
  return { method, handler, path: route.path };
}

/** Every method of every route, but for next-auth's and the registry protocol's: they answer by tables of their own, with tests of their own. */
export const doorsOf = (routes: readonly Module[]) =>
  routes
    .filter(({ path }) => !/^\/api\/auth\/|\/mlflow\//.test(path))
    .flatMap(({ path, handlers }) =>
      METHODS.flatMap((method) =>
        handlers[method] ? [{ name: key(method, path), path, method, handler: handlers[method] }] : [],
      ),
    );
