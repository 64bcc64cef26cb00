import { mayRead } from '../../../../lib/access/rules.ts';
import { changeFeed, eventStream, STREAMS_PER_PERSON } from '../../../../lib/live/stream.ts';
import { AppError } from '../../../../lib/shell/errors.ts';
import { asAppError, route } from '../../../../lib/shell/http.ts';
import { authenticate } from '../../../../lib/shell/session.ts';

/** Server-sent events; `Last-Event-ID`, or `after`, resumes from a position. */
export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ request, url, db, actor, headers }) => {
    const feed = changeFeed();
    const leave = feed.enter(actor.id);
    if (!leave)
      throw new AppError('limited', 'too_many_streams', `One person may have ${STREAMS_PER_PERSON} streams open.`);
    const mayStay = () =>
      authenticate(db, headers, new Date()).then(
        (reader) => mayRead(reader, 'common-view').ok,
        (error: unknown) => asAppError(error).kind !== 'unauthenticated',
      );
    const given = request.headers.get('last-event-id') ?? url.searchParams.get('after') ?? '';
    const from = /^\d{1,15}$/.test(given) ? Number(given) : undefined;
    return new Response(eventStream(feed, from, { signal: request.signal, mayStay, onEnd: leave }), {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
    });
  },
});
