import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { permissions } from './access/rules.ts';

/** The architecture as a test: where a file may lie, whom it may import, and which write has no permission. */
type SourceFile = { path: string; source: string };

const NOUNS =
  'base shell access models imports contracts measurements drift kpis incidents approvals deployments comments notifications audit board mlflow live worker'.split(
    ' ',
  );
/** Nouns whose engines and adapters bear names of their own. */
const OWN_NAMES = new Set(
  'base shell access imports measurements drift notifications board mlflow live worker testing'.split(' '),
);
const BANDS = ['base', 'words', 'rules', 'tables', 'shell', 'reads', 'writes', 'edges'] as const;
const FILES: Record<string, (typeof BANDS)[number]> = {
  schema: 'words',
  rules: 'rules',
  client: 'rules',
  queries: 'reads',
  commands: 'writes',
  jobs: 'edges',
  endpoints: 'edges',
  stream: 'edges',
};
/** The shell asks who acts: this much of `access` lies below it. */
const BELOW_SHELL = /^lib\/access\/(schema|rules|queries|password|credentials)\.ts$/;
/** What next.js looks for by name. */
const DOORS =
  /^app\/(.+\/)?((page|layout|error|global-error|not-found|loading)\.tsx|route\.ts|globals\.css|icon\.svg|favicon\.ico)$/;
const VAGUE = /(^|\/)(utils?|helpers?|types|common|index|services?|misc|lib)(\.test)?(\.tsx?|\/)/;

const isTest = (path: string): boolean => /\.(test|spec)\.tsx?$/.test(path) || path.startsWith('lib/testing/');
const nounOf = (path: string): string => /^lib\/([^/]+)\//.exec(path)?.[1] ?? '';
/** `commands` of lib/models/commands/register.ts, `rules` of lib/kpis/rules.ts. */
const wordOf = (path: string): string => path.split('/')[2]?.replace(/\.ts$/, '') ?? '';

function importsOf({ path, source }: SourceFile): string[] {
  const found = source.matchAll(/^(?:import|export)\b[^'";]*?['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/gm);
  return [...found].map(([, plain, late]) => posix.join(posix.dirname(path), (plain ?? late)!));
}

function misplaced({ path }: SourceFile): string[] {
  if (VAGUE.test(path.replace(/^lib\//, ''))) return [`${path}: the name says nothing; name the file for what it does`];
  if (!/^[a-z0-9.\-/[\]()@]+$/.test(path.replace('[...nextauth]', ''))) return [`${path}: not kebab-case`];
  if (path.startsWith('app/')) return DOORS.test(path) ? [] : [`${path}: app/ holds doors only`];
  if (path.startsWith('components/')) {
    return /^components\/[a-z]+\/[^/]+$/.test(path) ? [] : [`${path}: a component lies in its noun's folder`];
  }
  if (!path.startsWith('lib/') || /^lib\/[^/]+\.(test|config)\.ts$/.test(path)) return [];
  const noun = nounOf(path);
  if (noun !== 'testing' && !NOUNS.includes(noun)) return [`${path}: ${noun} is not a noun of the glossary`];
  const inFolder = /^lib\/[^/]+\/(rules|queries|commands)\/[^/]+\.ts$/.test(path);
  const known = path.split('/').length === 3 && (wordOf(path) in FILES || isTest(path) || OWN_NAMES.has(noun));
  return inFolder || known ? [] : [`${path}: not one of a noun's files (${Object.keys(FILES).join(', ')})`];
}

type Graph = Map<string, string[]>;

/** An engine with a name of its own stands as high as the highest thing it imports. */
function bandOf(path: string, graph: Graph, seen: readonly string[] = []): number {
  const band = (name: (typeof BANDS)[number]) => BANDS.indexOf(name);
  if (path.startsWith('db/demo/') || path.startsWith('lib/worker/') || seen.includes(path)) return band('edges');
  if (path.startsWith('db/') || /^lib\/access\/(queries|credentials)\.ts$/.test(path)) return band('tables');
  const noun = nounOf(path);
  if (noun === 'base' || noun === 'shell') return band(noun);
  const word = FILES[wordOf(path)];
  if (word) return band(word);
  const below = (graph.get(path) ?? []).map((to) => bandOf(to, graph, [...seen, path]));
  return Math.max(band('rules'), ...below);
}

const SEEN_BY_SCREEN =
  /^(components\/|lib\/base\/|lib\/[a-z]+\/(schema|rules|client|glossary)\.ts$|lib\/[a-z]+\/rules\/)/;

function forbiddenImport(from: string, to: string, graph: Graph): string | undefined {
  const area = from.split('/')[0];
  if (area === 'components')
    return SEEN_BY_SCREEN.test(to) ? undefined : 'the screen sees shapes, rules and clients only';
  if (area === 'app') return /^(lib|components|app)\//.test(to) ? undefined : 'a door never reaches past lib';
  if (area === 'e2e') return to.startsWith('e2e/') || from === 'e2e/server.ts' ? undefined : 'e2e drives from outside';
  if (/^(app|components|e2e|bench)\//.test(to)) return 'the server never imports the screen';
  if (to.startsWith('lib/testing/')) return 'only tests use the test database';
  if (bandOf(to, graph) > bandOf(from, graph)) return 'the import points up';
  const [user, used] = [NOUNS.indexOf(nounOf(from)), NOUNS.indexOf(nounOf(to))];
  const allowed = area !== 'lib' || used <= user || (nounOf(from) === 'shell' && BELOW_SHELL.test(to));
  return allowed ? undefined : 'a noun uses earlier nouns only';
}

function cycles(graph: Graph): string[] {
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [`${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}: a cycle`];
    if (done.has(path)) return [];
    const found = (graph.get(path) ?? []).flatMap((to) => walk(to, [...trail, path]));
    done.add(path);
    return found;
  };
  return [...graph.keys()].flatMap((path) => walk(path, []));
}

/** Every command has a permission row, and every row a command. */
function unpermitted(files: readonly SourceFile[], rows: readonly string[]): string[] {
  const commands = files.flatMap(({ path }) => {
    const [, noun, verb] = /^lib\/([^/]+)\/commands\/([^/]+)\.ts$/.exec(path) ?? [];
    return noun && !isTest(path) ? [`${noun}.${verb}`] : [];
  });
  return [
    ...commands.filter((name) => !rows.includes(name)).map((name) => `${name}: a command without a permission row`),
    ...rows.filter((name) => !commands.includes(name)).map((name) => `${name}: a permission row without a command`),
  ];
}

export function complaints(files: readonly SourceFile[], rows: readonly string[]): string[] {
  const graph: Graph = new Map(files.filter(({ path }) => !isTest(path)).map((file) => [file.path, importsOf(file)]));
  const imports = [...graph].flatMap(([from, targets]) =>
    targets.flatMap((to) => {
      const reason = forbiddenImport(from, to, graph);
      return reason ? [`${from} -> ${to}: ${reason}`] : [];
    }),
  );
  return [...files.flatMap(misplaced), ...imports, ...cycles(graph), ...unpermitted(files, rows)];
}

const root = join(import.meta.dirname, '..');
const house = globSync('{app,components,db,e2e,lib}/**/*.{ts,tsx}', { cwd: root })
  .filter((path) => !path.startsWith('db/migrations/') && !path.startsWith('e2e/.output/'))
  .map((path) => ({ path, source: readFileSync(join(root, path), 'utf8') }));

describe('the house', () => {
  it('has a place for every file, imports that point down, no cycle and a permission for every command', () => {
    expect(house.length).toBeGreaterThan(200);
    expect(complaints(house, Object.keys(permissions))).toEqual([]);
  });
});

describe('the checker', () => {
  const planted: [string, Record<string, string>, string][] = [
    [
      'a component that imports a command',
      { 'components/kpis/editor.tsx': `import { createKpi } from '../../lib/kpis/commands/create.ts';` },
      'the screen sees',
    ],
    [
      'a rule that imports a table',
      { 'lib/kpis/rules.ts': `import { kpis } from '../../db/schema/kpis.ts';`, 'db/schema/kpis.ts': '' },
      'points up',
    ],
    [
      'a rule that imports a table through an engine',
      {
        'lib/drift/rules.ts': `import { psi } from './psi.ts';`,
        'lib/drift/psi.ts': `import {\n  getDb,\n} from '../../db/client.ts';`,
      },
      'points up',
    ],
    [
      'a read that imports a write late',
      { 'lib/kpis/queries.ts': `const write = await import('./commands/create.ts');` },
      'points up',
    ],
    [
      'an earlier noun that imports a later one',
      { 'lib/models/queries.ts': `import type { RequestView } from '../approvals/schema.ts';` },
      'earlier nouns only',
    ],
    [
      'a door that reaches for the database',
      { 'app/page.tsx': `import { getDb } from '../db/client.ts';` },
      'past lib',
    ],
    [
      'a browser test that reaches inside',
      { 'e2e/a.spec.ts': '', 'e2e/b.ts': `import '../lib/kpis/rules.ts';` },
      'outside',
    ],
    ['a file of helpers', { 'lib/kpis/helpers.ts': '' }, 'says nothing'],
    ['a barrel', { 'components/kpis/index.ts': '' }, 'says nothing'],
    ['a noun nobody knows', { 'lib/widgets/schema.ts': '' }, 'not a noun'],
    ['a file outside the closed set', { 'lib/kpis/manager.ts': '' }, "not one of a noun's files"],
    [
      'two files that import each other',
      { 'lib/base/one.ts': `import './two.ts';`, 'lib/base/two.ts': `export * from './one.ts';` },
      'a cycle',
    ],
    ['a command without a permission row', { 'lib/kpis/commands/approve.ts': '' }, 'kpis.approve: a command without'],
  ];
  it.each(planted)('reports %s, and nothing else', (_what, files, words) => {
    const found = complaints(
      Object.entries(files).map(([path, source]) => ({ path, source })),
      [],
    );
    expect(found).toEqual([expect.stringContaining(words)]);
  });

  it('reports a permission row without a command', () => {
    expect(complaints([], ['kpis.approve'])).toEqual(['kpis.approve: a permission row without a command']);
  });
});
