/**
 * Customers who order at a steady rate, whatever the chain does, and repeat an order until they know that it is kept.
 *
 * What counts as failed is the first answer: the repeats are for the promise, not for the figures.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Acknowledged, toAcknowledged } from '../audit/acknowledged.ts';
import { createChaosOrder } from '../chaos/orders.ts';
import type { HttpCalls } from '../server/http-call.ts';
import { createTraffic } from '../server/traffic.ts';

/** The first answer to one order. */
export interface FirstAnswer {
  readonly id: string;
  /** When the order was due and when it was answered, on the clock of `performance.now()`. */
  readonly dueAt: number;
  readonly at: number;
  /** `null` when no answer came. */
  readonly status: number | null;
}

/** Customers who come. */
export interface Customers {
  /** First answers, in the sequence in which they came. */
  readonly answers: readonly FirstAnswer[];
  /** Orders that were answered 200 or 202, at once or later, by id. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** Nobody new comes; resolves when everybody knows, or has given up. */
  finish(): Promise<void>;
}

/** A customer waits this long for an answer; longer than order takes for one. */
const patienceMs = 6000;
/** Who was not told that the order is kept asks again after this time, and gives up after so many tries. */
const repeats = { everyMs: 500, tries: 60 };

/** An answer after which a customer knows that the order is kept. */
const isKept = (status: number | null) => status === 200 || status === 202;

/** Customers begin to come: `ratePerSecond` from 1 to 200, for ten minutes at most. */
export function startCustomers({
  calls,
  url,
  ratePerSecond,
}: {
  calls: HttpCalls;
  url: string;
  ratePerSecond: number;
}): Customers {
  const run = randomUUID().slice(0, 8);
  const answers: FirstAnswer[] = [];
  const acknowledged = new Map<string, Acknowledged>();
  const unsure = new Set<Promise<void>>();
  let count = 0;

  const traffic = createTraffic({
    clock: () => performance.now(),
    after(ms, then) {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    async send(dueAt) {
      const id = `${run}-${++count}`;
      const status = await order(id);
      const at = performance.now();
      answers.push({ id, dueAt, at, status });
      if (!isKept(status)) repeat(id);
      return { at, id, status, ms: at - dueAt };
    },
  });
  traffic.change({ on: true, ratePerSecond });

  return {
    answers,
    acknowledged,
    async finish() {
      traffic.change({ on: false, ratePerSecond });
      while (traffic.status().waiting > 0) await wait(20);
      await Promise.all(unsure);
    },
  };

  async function order(id: string): Promise<number | null> {
    const status = await sendOrder(calls, url, id, {}, patienceMs);
    const answered = isKept(status) ? toAcknowledged(id, status) : undefined;
    if (answered !== undefined) acknowledged.set(id, answered);
    return status;
  }

  function repeat(id: string): void {
    const one = (async () => {
      for (let tries = 0; tries < repeats.tries && !acknowledged.has(id); tries += 1) {
        await wait(repeats.everyMs);
        await order(id);
      }
    })().finally(() => unsure.delete(one));
    unsure.add(one);
  }
}

/** Sends one order and answers its status; `null` when no answer came. */
export async function sendOrder(
  calls: HttpCalls,
  url: string,
  id: string,
  headers: Readonly<Record<string, string>> = {},
  timeoutMs = patienceMs,
): Promise<number | null> {
  const call = {
    method: 'POST',
    url: `${url}/create`,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(createChaosOrder(id)),
    timeoutMs,
  };
  return calls.call(call).then(
    ({ status }) => status,
    () => null,
  );
}
