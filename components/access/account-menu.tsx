'use client';

import { useTheme } from 'next-themes';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../lib/board/client.ts';
import { useBoard } from '../board/context.tsx';
import { ofModel } from '../board/selection.ts';
import { Button } from '../ui/button.tsx';
import type { TriggerProps } from '../ui/late-menu.tsx';
import { Modal } from '../ui/modal.tsx';
import { signOut } from './session.ts';

const ITEM =
  'flex min-h-7 cursor-pointer items-center rounded-sm px-2 py-1 data-highlighted:bg-raised data-disabled:text-muted';
const THEMES = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['system', 'Like the system'],
] as const;

/** Who is here, their settings and the way out; fetched when first opened. */
export function AccountMenu({ trigger }: { trigger: TriggerProps }) {
  const { board, open, refresh, select } = useBoard();
  const { theme, setTheme } = useTheme();
  const [removing, setRemoving] = useState(false);
  const { me, can, workspace } = board;
  const leave = async () => {
    await signOut();
    window.location.assign('/sign-in');
  };
  const removeDemo = async () => {
    try {
      await api('DELETE', '/api/v1/demo');
      setRemoving(false);
      toast.success('The sample data is gone.');
      await select(ofModel(null));
      await refresh();
    } catch (error) {
      toast.error(error instanceof Error ? error.message : 'It could not be removed.');
    }
  };

  return (
    <>
      <DropdownMenu.Root defaultOpen>
        <DropdownMenu.Trigger {...trigger} />
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            className="z-50 w-60 rounded-md border border-control bg-panel p-1 text-ink shadow-lg"
          >
            <DropdownMenu.Label className="px-2 py-1">
              <span className="block font-semibold">{me.name}</span>
              <span className="block text-xs text-muted">
                {me.email} · {me.roles.join(', ')}
              </span>
            </DropdownMenu.Label>
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <DropdownMenu.RadioGroup value={theme ?? 'system'} onValueChange={setTheme} aria-label="Colours">
              {THEMES.map(([value, word]) => (
                <DropdownMenu.RadioItem key={value} value={value} className={ITEM}>
                  {word}
                  <DropdownMenu.ItemIndicator className="ml-auto">✓</DropdownMenu.ItemIndicator>
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <DropdownMenu.Item className={ITEM} onSelect={() => open('password')}>
              Change password
            </DropdownMenu.Item>
            <DropdownMenu.Item className={ITEM} onSelect={() => open('tokens')}>
              API tokens
            </DropdownMenu.Item>
            <DropdownMenu.Item className={ITEM} disabled={!can.manageUsers.ok} onSelect={() => open('people')}>
              People{!can.manageUsers.ok && ' (administrators)'}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={ITEM} disabled={!can.importRegistry.ok} onSelect={() => open('import')}>
              Import from MLflow{!can.importRegistry.ok && ' (administrators)'}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={ITEM} disabled={!can.manageWebhooks.ok} onSelect={() => open('webhooks')}>
              Webhooks{!can.manageWebhooks.ok && ' (data, operations)'}
            </DropdownMenu.Item>
            {workspace.demo && (
              <DropdownMenu.Item className={ITEM} disabled={!can.removeDemo.ok} onSelect={() => setRemoving(true)}>
                Remove sample data{!can.removeDemo.ok && ' (administrators)'}
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Item className={ITEM} onSelect={() => open('help')}>
              Keys and help
            </DropdownMenu.Item>
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <DropdownMenu.Item className={ITEM} onSelect={() => void leave()}>
              Sign out
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Modal
        open={removing}
        onClose={() => setRemoving(false)}
        title="Remove the sample data?"
        about="Every model marked as sample data goes, with its goals, requests and history. Your own models stay. This cannot be undone."
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setRemoving(false)}>Keep it</Button>
          <Button kind="danger" onClick={() => void removeDemo()}>
            Remove the sample data
          </Button>
        </div>
      </Modal>
    </>
  );
}
