import { changeFeed, eventStream } from '../../../../lib/live/stream.ts';
import { route } from '../../../../lib/shell/http.ts';

/** Server-sent events; `Last-Event-ID`, or `after`, resumes from a position. */
export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ request, url }) => {
    const given = request.headers.get('last-event-id') ?? url.searchParams.get('after') ?? '';
    const from = /^\d{1,15}$/.test(given) ? Number(given) : undefined;
    return new Response(eventStream(changeFeed(), from, request.signal), {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
    });
  },
});
