'use client';

import { PasswordDialog } from '../access/password-dialog.tsx';
import { PeopleDialog } from '../access/people-dialog.tsx';
import { TokensDialog } from '../access/tokens-dialog.tsx';
import { RollbackDialog } from '../approvals/rollback-dialog.tsx';
import { ContractDialog } from '../contracts/contract-dialog.tsx';
import { SegmentsDialog } from '../drift/segments-dialog.tsx';
import { EditModelDialog } from '../models/edit-dialog.tsx';
import { ImportDialog } from '../models/import-dialog.tsx';
import { RegisterDialog } from '../models/register-dialog.tsx';
import { VersionDialog } from '../models/version-dialog.tsx';
import { VersionsDialog } from '../models/versions-dialog.tsx';
import { WebhooksDialog } from '../notifications/webhooks-dialog.tsx';
import { CommandMenu } from './command-menu.tsx';
import { useBoard } from './context.tsx';
import { HelpDialog } from './help-dialog.tsx';

export function Overlays() {
  const { overlay, panel } = useBoard();
  switch (overlay) {
    case 'menu':
      return <CommandMenu />;
    case 'help':
      return <HelpDialog />;
    case 'register':
      return <RegisterDialog />;
    case 'password':
      return <PasswordDialog />;
    case 'tokens':
      return <TokensDialog />;
    case 'people':
      return <PeopleDialog />;
    case 'version':
      return panel && <VersionDialog />;
    case 'model':
      return panel && <EditModelDialog />;
    case 'rollback':
      return panel && <RollbackDialog />;
    case 'import':
      return <ImportDialog />;
    case 'webhooks':
      return <WebhooksDialog />;
    case 'versions':
      return panel && <VersionsDialog />;
    case 'segments':
    case 'drivers':
      return panel && <SegmentsDialog first={overlay} />;
    case 'contract':
      return panel && <ContractDialog />;
    case null:
      return null;
  }
}
