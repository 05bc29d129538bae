/**
 * Ten times the load that a chain can carry, open loop: what it does carry must not suffer, and the rest must be told
 * at once. Latency counts from the moment when a customer wanted to order.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../shared/test/support/until.ts';
import { audit } from '../audit/audit.ts';
import { toBrokenPromises } from '../audit/report.ts';
import { ask, type Heard } from './ask.ts';
import { startChain } from './chain.ts';
import { createChaosOrder } from './orders.ts';

/** What an overload brought. */
export interface OverloadResult {
  /** Orders a second that 32 patient customers got through. */
  readonly capacity: number;
  /** Orders a second that were wanted, kept (200 or 202), and completed while it lasted (200). */
  readonly offered: number;
  readonly kept: number;
  readonly goodput: number;
  /** Milliseconds until a refusal was heard; the sender shares the machine. */
  readonly refusedP50Ms: number;
  readonly refusedP99Ms: number;
  /** Seconds after the overload until an order was completed as quickly as before. */
  readonly normalAfterSeconds: number;
  readonly violations: readonly string[];
}

/** The usual settings, since a bound on the work in progress only means something with the usual times. */
const usual = {
  REQUEST_TIMEOUT_MS: '4000',
  ATTEMPT_TIMEOUT_MS: '1500',
  BREAKER_OPEN_MS: '10000',
  BREAKER_WINDOW_MS: '10000',
  BREAKER_OPEN_MAX_MS: '60000',
};
const maxOutstanding = 4000;

/** Runs the overload for `seconds`. */
export async function runOverload(seconds: number, seed: number): Promise<OverloadResult> {
  const chain = await startChain({ seed, env: usual });
  let count = 0;
  const order = () => ask(chain.url, createChaosOrder(`o${seed}-${++count}`));
  try {
    await serveClients(order, 32, 3);
    const calm = await serveClients(order, 32, 4);
    const capacity = calm.filter(({ status }) => status === 200).length / 4;
    const usualMs = quantile(
      calm.map(({ ms }) => ms),
      0.99,
    );

    const heard: Heard[] = [];
    const outstanding = new Set<Promise<void>>();
    const startedAt = performance.now();
    const rate = capacity * 10;
    for (let sent = 0; performance.now() - startedAt < seconds * 1000; await wait(5)) {
      const wanted = ((performance.now() - startedAt) / 1000) * rate;
      for (; sent < wanted && outstanding.size < maxOutstanding; sent += 1) {
        const one = order().then((answer) => {
          heard.push(answer);
          outstanding.delete(one);
        });
        outstanding.add(one);
      }
    }
    const inTime = heard.filter(({ status }) => status === 200).length;
    const endedAt = performance.now();
    await until(
      'an order as quick as before',
      async () => {
        const { status, ms } = await order();
        return status === 200 && ms <= usualMs * 2;
      },
      { withinMs: 60_000 },
    ).catch(() => undefined);
    const normalAfterSeconds = (performance.now() - endedAt) / 1000;
    await Promise.all(outstanding);

    const { shelves, close } = await chain.openShelves();
    const report = await until(
      'nothing is pending',
      async () => {
        const now = await audit(shelves);
        return now.pending === 0 && now;
      },
      { withinMs: 60_000, everyMs: 250 },
    ).catch(() => audit(shelves));
    await close();

    const refused = heard.filter(({ status }) => status === 503).map(({ ms }) => ms);
    const kept = heard.filter(({ status }) => status === 200 || status === 202).length;
    const result = {
      capacity,
      offered: heard.length / seconds,
      kept: kept / seconds,
      goodput: inTime / seconds,
      refusedP50Ms: quantile(refused, 0.5),
      refusedP99Ms: quantile(refused, 0.99),
      normalAfterSeconds,
    };
    const broken = toBrokenPromises(report, 'the database');
    if (report.pending > 0) broken.push(`${report.pending} orders are still pending`);
    if (result.goodput < 0.8 * capacity) broken.push('the goodput is under 80 % of the capacity');
    if (result.refusedP50Ms > 50) broken.push('half of the refusals took longer than 50 ms');
    if (normalAfterSeconds > 10) broken.push('it was not normal again within 10 s');
    return { ...result, violations: broken };
  } finally {
    await chain.stop();
  }
}

/** Closed loop: each client waits for its answer before it orders again. */
async function serveClients(order: () => Promise<Heard>, clients: number, seconds: number): Promise<Heard[]> {
  const heard: Heard[] = [];
  const endsAt = performance.now() + seconds * 1000;
  const client = async () => {
    while (performance.now() < endsAt) heard.push(await order());
  };
  await Promise.all(Array.from({ length: clients }, client));
  return heard;
}

function quantile(values: readonly number[], ratio: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
}
