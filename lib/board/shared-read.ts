import { type Db, statement } from '../../db/client.ts';

/**
 * How many changes are committed: every command that changes anything leaves a row in the outbox, and publishing one only moves it from
 * the second addend to the first.
 */
const countChanges = statement<{ n: string }>(`
  select (select coalesce(max(position), 0) from outbox) + (select count(*) from outbox where position is null) as n`);

type Held<A> = { stamp: string; answer: Promise<A>; isBusy: boolean; next?: Promise<A> };

/**
 * A costly read whose answer is the same for everybody: every change has all open screens ask for it at once. It is given again until
 * something changes or the minute is over. While it is being read for a state that is past, all who come wait for the next read, which
 * begins after they asked: however fast changes follow one another, one read at a time is what they cost.
 */
export function sharedRead<A>(read: (db: Db, now: Date) => Promise<A>): (db: Db, now: Date) => Promise<A> {
  const last = new WeakMap<Db, Held<A>>();
  const ask = async (db: Db, now: Date): Promise<A> => {
    const [changes] = await countChanges(db, []);
    const stamp = `${changes?.n} ${now.toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)}`;
    const held = last.get(db);
    if (held?.stamp === stamp) return held.answer;
    if (held?.isBusy) {
      held.next ??= held.answer.then(
        () => ask(db, now),
        () => ask(db, now),
      );
      return held.next;
    }
    const mine: Held<A> = { stamp, answer: read(db, now), isBusy: true };
    last.set(db, mine);
    mine.answer.then(
      () => {
        mine.isBusy = false;
      },
      () => last.delete(db),
    );
    return mine.answer;
  };
  return ask;
}
