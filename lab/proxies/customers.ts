/**
 * Customers who order at a steady rate, and repeat an order until it is acknowledged.
 *
 * Figures count first answers only; repeats serve the audit.
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

/** Running customers. */
export interface Customers {
  /** First answers, in the sequence in which they came. */
  readonly answers: readonly FirstAnswer[];
  /** Orders that were answered 200 or 202, at once or later, by id. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** Starts no new orders; resolves when all are acknowledged or given up. */
  finish(): Promise<void>;
}

/** Time-out of a customer, longer than that of order. */
const patienceMs = 6000;
/** An order that is not acknowledged is repeated at this interval, up to this many times. */
const repeats = { everyMs: 500, tries: 60 };

/** Whether an answer acknowledges an order. */
const isKept = (status: number | null) => status === 200 || status === 202;

/** Starts the customers: `ratePerSecond` from 1 to 200, for ten minutes at most. */
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
