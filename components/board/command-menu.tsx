'use client';

import { Command } from 'cmdk';
import { useTheme } from 'next-themes';
import { useBoard } from './context.tsx';
import { ofModel } from './selection.ts';
import { HEALTH_LOOKS } from './states.tsx';

type Able = { ok: true } | { ok: false; message: string };
const ITEM =
  'flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 data-[disabled=true]:text-muted data-[selected=true]:bg-raised';
const GROUP =
  '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted';

export function CommandMenu() {
  const { board, panel, open, select, showRail } = useBoard();
  const { setTheme } = useTheme();
  const run = (act: () => void) => () => {
    open(null);
    act();
  };
  const to = (name: 'decide' | 'limits' | 'activity' | 'data') =>
    run(() => {
      void select({ panel: name });
      showRail();
    });
  const yes: Able = { ok: true };
  const actions: { name: string; words: string[]; able: Able; act: () => void }[] = [
    { name: 'Register a model', words: ['new', 'add'], able: board.can.registerModel, act: () => open('register') },
    {
      name: 'Import from MLflow',
      words: ['migrate', 'registry', 'bring over'],
      able: board.can.importRegistry,
      act: () => open('import'),
    },
    ...(panel
      ? [
          {
            name: 'Ask to put a version live',
            words: ['promote', 'request', 'propose'],
            able: panel.can.ask as Able,
            act: to('decide'),
          },
          {
            name: 'Versions and lineage',
            words: ['aliases', 'metrics', 'source', 'run', 'dataset', 'history'],
            able: yes,
            act: () => open('versions'),
          },
          {
            name: 'Register a version',
            words: ['new', 'release'],
            able: panel.can.registerVersion as Able,
            act: () => open('version'),
          },
          {
            name: 'Send data',
            words: ['upload', 'csv', 'parquet', 'import'],
            able: panel.can.uploadData as Able,
            act: to('data'),
          },
          { name: 'Edit limits', words: ['threshold', 'kpi', 'goal', 'slo'], able: yes, act: to('limits') },
          {
            name: 'Roll back',
            words: ['revert', 'go back'],
            able: panel.can.rollback as Able,
            act: () => open('rollback'),
          },
          { name: 'Comment', words: ['activity', 'discuss'], able: panel.can.comment as Able, act: to('activity') },
          {
            name: 'Classify and edit the model',
            words: ['tier', 'risk', 'owner'],
            able: panel.can.updateModel as Able,
            act: () => open('model'),
          },
        ]
      : []),
    { name: 'Change password', words: ['account', 'security'], able: yes, act: () => open('password') },
    { name: 'API tokens', words: ['key', 'secret'], able: yes, act: () => open('tokens') },
    {
      name: 'Webhooks',
      words: ['notify', 'events', 'deliveries', 'integrations'],
      able: board.can.manageWebhooks,
      act: () => open('webhooks'),
    },
    { name: 'People', words: ['users', 'roles'], able: board.can.manageUsers, act: () => open('people') },
    { name: 'Light colours', words: ['theme'], able: yes, act: run(() => setTheme('light')) },
    { name: 'Dark colours', words: ['theme'], able: yes, act: run(() => setTheme('dark')) },
    { name: 'Keys and help', words: ['shortcuts'], able: yes, act: () => open('help') },
  ];
  return (
    <Command.Dialog
      open
      onOpenChange={(next) => !next && open(null)}
      label="Search and run"
      overlayClassName="fixed inset-0 z-40 bg-[rgb(11_15_20/0.55)]"
      contentClassName="fixed top-[12dvh] left-1/2 z-50 w-[calc(100vw-24px)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-control bg-panel text-ink shadow-xl"
    >
      <Command.Input
        aria-label="Search models and actions"
        placeholder="A model, or something to do"
        className="min-h-10 w-full border-b border-line bg-panel px-3 text-sm placeholder:text-muted"
      />
      <Command.List className="max-h-[50dvh] overflow-y-auto p-1">
        <Command.Empty className="p-3 text-muted">Nothing fits.</Command.Empty>
        {board.inbox.length > 0 && (
          <Command.Group heading="Needs me" className={GROUP}>
            {board.inbox.map((item) => (
              <Command.Item
                key={item.kind + item.id}
                value={`${item.title} ${item.id}`}
                className={ITEM}
                onSelect={run(() => {
                  void select({
                    m: item.model,
                    v: null,
                    panel: 'decide',
                    req: item.kind === 'incident' ? null : Number(item.id),
                  });
                  showRail();
                })}
              >
                {item.title}
              </Command.Item>
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Models" className={GROUP}>
          {board.models.map((row) => (
            <Command.Item
              key={row.name}
              value={row.name}
              keywords={[row.title ?? '', row.domain ?? '']}
              className={ITEM}
              onSelect={run(() => void select(ofModel(row.name)))}
            >
              <span aria-hidden className={HEALTH_LOOKS[row.health].tone}>
                {HEALTH_LOOKS[row.health].glyph}
              </span>
              {row.name} <span className="text-xs text-muted">{HEALTH_LOOKS[row.health].word}</span>
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading="Actions" className={GROUP}>
          {actions.map((action) => (
            <Command.Item
              key={action.name}
              value={action.name}
              keywords={action.words}
              disabled={!action.able.ok}
              className={ITEM}
              onSelect={action.act}
            >
              {action.name}
              {!action.able.ok && <span className="ml-auto text-xs">{action.able.message}</span>}
            </Command.Item>
          ))}
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  );
}
