import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';

type Props = { open: boolean; onClose: () => void; title: string; about?: string; wide?: boolean; children: ReactNode };

export function Modal({ open, onClose, title, about, wide, children }: Props) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(11_15_20/0.55)]" />
        <Dialog.Content
          {...(about ? {} : { 'aria-describedby': undefined })}
          className={`fixed top-[8dvh] left-1/2 z-50 flex max-h-[84dvh] w-[calc(100vw-24px)] -translate-x-1/2 flex-col gap-3 overflow-y-auto rounded-lg border border-control bg-panel p-4 text-ink shadow-xl ${wide ? 'max-w-2xl' : 'max-w-lg'}`}
        >
          <div className="flex items-start justify-between gap-3">
            <Dialog.Title className="text-base font-semibold">{title}</Dialog.Title>
            <Dialog.Close
              aria-label="Close"
              className="inline-flex size-7 shrink-0 items-center justify-center rounded-md hover:bg-raised"
            >
              <X aria-hidden size={16} />
            </Dialog.Close>
          </div>
          {about && <Dialog.Description className="text-muted">{about}</Dialog.Description>}
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
