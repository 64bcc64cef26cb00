import { sql } from 'drizzle-orm';
import { AppError } from '../../../lib/shell/errors.ts';
import { route } from '../../../lib/shell/http.ts';

/** The database answers, its schema is there, and nothing has waited long to be published. */
export const GET = route({
  policy: { read: 'public' },
  handle: async ({ db }) => {
    const rows = await db
      .execute<{ waiting: number }>(
        sql`select extract(epoch from now() - min(at))::int as waiting from outbox where position is null`,
      )
      .catch(() => {
        throw new AppError('unavailable', 'database_away', 'The database does not answer.');
      });
    const waitingSeconds = Number(rows[0]?.waiting ?? 0);
    if (waitingSeconds > 60)
      throw new AppError('unavailable', 'worker_away', 'Nothing has been published for a minute: is a worker running?');
    return { status: 'ready', waitingSeconds };
  },
});
