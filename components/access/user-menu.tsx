'use client';

import { useBoard } from '../board/context.tsx';
import { patiently } from '../board/patiently.ts';
import { lateMenu } from '../ui/late-menu.tsx';

const AccountMenu = lateMenu(() => patiently(() => import('./account-menu.tsx')).then((m) => m.AccountMenu));

export function UserMenu() {
  const { me } = useBoard().board;
  const initials = me.name
    .split(/\s+/)
    .map((part) => part[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();
  return (
    <AccountMenu
      trigger={{
        'aria-label': `${me.name}, ${me.roles.join(', ')}: account and settings`,
        className:
          'inline-flex size-7 shrink-0 items-center justify-center rounded-full border border-control text-xs font-semibold hover:bg-raised',
        children: initials,
      }}
    />
  );
}
