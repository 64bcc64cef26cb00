import { DAY_MS } from '../../lib/base/time.ts';
import { writePeriod } from '../../lib/board/rules/period.ts';
import { Button } from '../ui/button.tsx';
import { usePanel, useWords } from './context.tsx';
import { SendData } from './send-data.tsx';

const BACK_DAYS = 30;

/** Why a chart is empty though all is well with it, when there last was something, and the way there. `brief`: the fact alone. */
export function EmptyPeriod({ brief = false }: { brief?: boolean }) {
  const { board, panel, select } = usePanel();
  const words = useWords();
  const end = board.models.find(({ name }) => name === panel.model.name)?.lastDataAt ?? null;
  // A window that ends at midnight is known by the day before.
  const last = end === null ? null : new Date(Date.parse(end) - 1);
  return (
    <>
      <p className="mx-auto w-fit bg-panel px-2">
        No predictions between {words.day(panel.from)} and {words.day(new Date(Date.parse(panel.to) - 1))}
        {last ? ` (last: ${words.date(last)})` : ', and none before'}.
      </p>
      {!brief && (
        <p className="mt-1 flex flex-wrap justify-center gap-1.5">
          {last && (
            <Button
              onClick={() =>
                void select(
                  { w: writePeriod(new Date(last.getTime() - BACK_DAYS * DAY_MS), last) },
                  { history: 'push' },
                )
              }
            >
              Show the last data
            </Button>
          )}
          <SendData />
        </p>
      )}
    </>
  );
}
