import type { Db } from '../../db/client.ts';
import { jobActor } from '../access/schema.ts';
import { HOUR_MS } from '../base/time.ts';
import { execute } from '../shell/command.ts';
import { allowedFromEnvironment } from '../shell/outbound.ts';
import { disableWebhook } from './commands/disable-webhook.ts';
import { attempt, claim, forgetOld } from './delivery.ts';
import type { DeliveryRow } from './queries.ts';

const actor = jobActor('notifications');
const ROUND_MS = 500;
/** How long an end waits for calls under way; what it leaves behind is sent again after the lease. */
const LAST_CALLS_MS = 3_000;

/** Sends what is due, webhook by webhook at once, until it is stopped. */
export function startDelivery(db: Db): { stop(): Promise<void> } {
  const allowed = allowedFromEnvironment();
  const busy = new Map<string, Promise<void>>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let forgottenAt = 0;

  const sendAll = async (webhookId: string, deliveries: DeliveryRow[]): Promise<void> => {
    try {
      const ends = await Promise.all(deliveries.map((delivery) => attempt(db, delivery, allowed)));
      for (const end of ends) if (end) await execute(disableWebhook, { id: webhookId, ...end }, { db, actor });
    } catch (error) {
      report(error);
    } finally {
      busy.delete(webhookId);
      if (!stopped) schedule(0);
    }
  };
  const round = async (): Promise<void> => {
    try {
      const now = new Date();
      if (now.getTime() - forgottenAt > HOUR_MS) {
        forgottenAt = now.getTime();
        await forgetOld(db, now);
      }
      const due = Map.groupBy(await claim(db, [...busy.keys()], now), (delivery) => delivery.webhookId);
      for (const [webhookId, deliveries] of due) busy.set(webhookId, sendAll(webhookId, deliveries));
    } catch (error) {
      report(error);
    }
    if (!stopped) schedule(ROUND_MS);
  };
  const report = (error: unknown): void => {
    if (!stopped) console.error('webhook delivery:', error instanceof Error ? error.message : error);
  };
  let running = Promise.resolve();
  const schedule = (waitMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // One round at a time, or two would claim for the same webhook.
      running = running.then(round);
    }, waitMs);
  };
  schedule(0);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      const patience = new Promise<void>((done) => setTimeout(done, LAST_CALLS_MS).unref());
      await Promise.race([Promise.all(busy.values()), patience]);
    },
  };
}
