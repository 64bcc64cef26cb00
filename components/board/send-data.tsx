import { Button } from '../ui/button.tsx';
import { usePanel } from './context.tsx';

/** The way from a chart that lacks something to where it is sent. */
export function SendData({ words = 'Send data' }: { words?: string }) {
  const { select, showRail } = usePanel();
  return (
    <Button
      onClick={() => {
        void select({ panel: 'data' });
        showRail();
      }}
    >
      {words}
    </Button>
  );
}
