import type { Sql } from 'postgres';
import { getDatabase } from '../../db/client.ts';

export type Change = { position: number; key: string; subject: { type: string; id: string }; model: string | null };

/** How often the published rows are read: half a second keeps "within two seconds" with room, for a trivial query. */
const POLL_MS = 500;
/** A line that carries nothing for this long is taken for dead by proxies and by our own screen. */
const HEARTBEAT_MS = 20_000;
const BATCH = 500;
/** A reader further behind than this reads the screen anew instead of thousands of changes. */
export const REPLAY_MAX = 5_000;

/** More than wait for a reader that reads; one that does not would fill our memory. */
const UNREAD_MAX_BYTES = 1024 * 1024;
/** More than one person's screens and scripts. */
export const STREAMS_PER_PERSON = 50;
/** What may end somebody's session or token. */
const ENDS_ACCESS = new Set(['access.sign-out', 'access.update-user', 'access.change-password', 'access.revoke-token']);

type Listener = (changes: Change[]) => void;

/** One reader of the published outbox a process, whatever the number of its listeners. */
export class ChangeFeed {
  private readonly sql: Sql;
  private readonly listeners = new Set<Listener>();
  private readonly ends = new Set<() => void>();
  private readonly people = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private position: number | undefined;
  private closed = false;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  async since(position: number): Promise<Change[]> {
    const rows = await this.sql<
      { position: string; key: string; subject_type: string; subject_id: string; model: string | null }[]
    >`
      select position, key, subject_type, subject_id, model from outbox
      where position > ${position} and job is null order by position limit ${BATCH}`;
    return rows.map((row) => ({
      position: Number(row.position),
      key: row.key,
      subject: { type: row.subject_type, id: row.subject_id },
      model: row.model,
    }));
  }

  async latest(): Promise<number> {
    const [row] = await this.sql<{ position: string | null }[]>`select max(position) as position from outbox`;
    return Number(row?.position ?? 0);
  }

  /** @param from the latest position the listener knows of: the first one's is where the reading begins */
  listen(listener: Listener, from: number): () => void {
    this.position ??= from;
    this.listeners.add(listener);
    if (!this.timer && !this.closed) this.schedule();
    return () => this.listeners.delete(listener);
  }

  /** @returns what gives the place back; nothing where this person has as many streams as one may have */
  enter(actorId: string): (() => void) | undefined {
    const held = this.people.get(actorId) ?? 0;
    if (held >= STREAMS_PER_PERSON) return undefined;
    this.people.set(actorId, held + 1);
    return () => {
      const left = this.people.get(actorId)! - 1;
      if (left > 0) this.people.set(actorId, left);
      else this.people.delete(actorId);
    };
  }

  /** Runs when the process is told to stop: an open stream would hold up its end. */
  onClose(end: () => void): () => void {
    this.ends.add(end);
    return () => this.ends.delete(end);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const end of this.ends) end();
    this.listeners.clear();
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.poll(), POLL_MS);
  }

  private async poll(): Promise<void> {
    try {
      const changes = await this.since(this.position ?? 0);
      this.position = changes.at(-1)?.position ?? this.position;
      if (changes.length > 0) for (const listener of this.listeners) listener(changes);
    } catch {
      // The database is away; the next round finds out whether it is back, and nothing published is lost meanwhile.
    }
    this.timer = undefined;
    if (this.listeners.size > 0 && !this.closed) this.schedule();
    else this.position = undefined;
  }
}

type Reader = {
  signal: AbortSignal;
  /** Asked again while the stream is open: whoever is dismissed hears no more. */
  mayStay: () => Promise<boolean>;
  onEnd: () => void;
};

/**
 * Server-sent events from a position on. The stream ends when the client leaves, reads too slowly or may not read any more, and
 * when the process is told to stop.
 */
export function eventStream(
  feed: ChangeFeed,
  from: number | undefined,
  { signal, mayStay, onEnd }: Reader,
): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  let ended = false;
  let release = () => {
    ended = true;
    onEnd();
  };
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async start(controller) {
      const latest = await feed.latest().catch((error: unknown) => {
        release();
        throw error;
      });
      if (signal.aborted && !ended) release();
      if (ended) return;
      let sent = from ?? latest;
      if (latest - sent > REPLAY_MAX) sent = latest;
      const send = (line: string) => {
        if (ended) return;
        try {
          controller.enqueue(text.encode(line));
        } catch {
          return release();
        }
        if (controller.desiredSize! <= 0) release();
      };
      const look = async () => {
        if (!(await mayStay())) release();
      };
      const deliver = (changes: Change[]) => {
        for (const change of changes) {
          if (change.position <= sent) continue;
          sent = change.position;
          const { key, subject, model } = change;
          send(`id: ${change.position}\nevent: change\ndata: ${JSON.stringify({ key, subject, model })}\n\n`);
        }
        if (changes.some(({ key }) => ENDS_ACCESS.has(key))) void look();
      };
      const held: Change[][] = [];
      let replaying = true;
      const stop = feed.listen((changes) => (replaying ? held.push(changes) : deliver(changes)), latest);
      const heartbeat = setInterval(() => {
        send('event: heartbeat\ndata: {}\n\n');
        void look();
      }, HEARTBEAT_MS);
      release = () => {
        if (ended) return;
        ended = true;
        onEnd();
        clearInterval(heartbeat);
        stop();
        forget();
        try {
          controller.close();
        } catch {
          // It was closed by the client before.
        }
      };
      const forget = feed.onClose(() => release());
      signal.addEventListener('abort', release, { once: true });
      send(`retry: 2000\nid: ${sent}\nevent: hello\ndata: {"position":${sent}}\n\n`);
      for (let missed = await feed.since(sent); missed.length > 0 && !ended; missed = await feed.since(sent))
        deliver(missed);
      replaying = false;
      held.forEach(deliver);
    },
    cancel: () => release(),
  };
  return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_MAX_BYTES }));
}

const slot = Symbol.for('plumbline.feed');
const shared = globalThis as { [slot]?: ChangeFeed };

/** The process' one feed; the bundler may load this module more than once. Its streams end when the process is told to stop. */
export function changeFeed(): ChangeFeed {
  const held = shared[slot];
  if (held) return held;
  const feed = new ChangeFeed(getDatabase().sql);
  process.once('SIGTERM', () => feed.close());
  shared[slot] = feed;
  return feed;
}
