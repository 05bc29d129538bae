/** The arms of the benchmark do what they claim: each order is as many durable writes as the table says. */
import { afterEach, describe, expect, it } from 'vitest';
import { chain } from '../../../chain.ts';
import { type ArmName, startArm } from '../../bench/arms.ts';
import { type BenchDatabase, openDatabase } from '../../bench/database.ts';
import { measure } from '../../bench/measure.ts';
import { startWriteCounter, type WriteCounter } from '../support/count-writes.ts';

const name = 'bench_test';
let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

/** An arm that has answered three orders, over a link that counts what is written. */
async function orderThrice(arm: ArmName): Promise<{
  good: number;
  cpuMs: Readonly<Record<string, number>>;
  database: BenchDatabase;
  writes: WriteCounter['writes'];
  url: string;
}> {
  const database = await openDatabase(undefined);
  ends.push(database.stop);
  const counter = await startWriteCounter(Number(new URL(database.urlOf(name)).port));
  ends.push(counter.stop);
  const running = await startArm(arm, `mongodb://127.0.0.1:${counter.port}/${name}`);
  ends.push(running.stop);
  const { good } = await measure(running.url, { clients: 1, seconds: 30, rate: 20, inARow: 3 });
  return { good, cpuMs: await running.cpuMs(), database, writes: counter.writes, url: running.url };
}

describe('an order', () => {
  it.each(['chain', 'floor', 'moleculer'] as const)('is five durable writes in the arm %s', async (arm) => {
    const { good, database, writes, cpuMs } = await orderThrice(arm);
    expect(good).toBe(3);
    // What the chain keeps besides, as its key, is no part of an order.
    expect(writes.inserts).toMatchObject({ orders: 3, payments: 3, shipments: 3 });
    await expect.poll(() => writes.updates).toEqual({ orders: 3, payments: 3 });
    expect(writes.weak).toBe(0);
    expect(await database.count(name)).toEqual({ orders: 3, payments: 3, shipments: 3 });
    expect(Object.keys(cpuMs)).toEqual(chain.map((service) => service.name));
  });

  it('is three durable writes in the arm moleculer-3', async () => {
    const { good, writes } = await orderThrice('moleculer-3');
    expect(good).toBe(3);
    expect(writes).toEqual({ inserts: { orders: 3, payments: 3, shipments: 3 }, updates: {}, weak: 0 });
  });

  it('is inserted three times in the arm original, and none of the writes is asked to be durable', async () => {
    const { good, writes } = await orderThrice('original');
    // On a busy machine its breaker may open first: then there are orders that were never paid.
    expect(good).toBeGreaterThanOrEqual(3);
    const inserts = Object.values(writes.inserts);
    expect(inserts).toHaveLength(3);
    expect(Math.min(...inserts)).toBeGreaterThanOrEqual(3);
    expect(writes).toMatchObject({ updates: {}, weak: inserts.reduce((sum, count) => sum + count, 0) });
  });
});

describe('the arm chain-quiet', () => {
  it('keeps orders as the chain does, and measures none of them', async () => {
    const measured = (text: string) => text.includes('http_server_request_duration_seconds_count{');
    const calls = /^breaker_calls_total\{[^}]*outcome="success"[^}]*\} (\d+)$/m;
    const metricsOf = async (arm: ArmName) => {
      const { good, url } = await orderThrice(arm);
      expect(good).toBe(3);
      return (await fetch(new URL('/metrics', url))).text();
    };
    const usual = await metricsOf('chain');
    expect(measured(usual)).toBe(true);
    expect(calls.exec(usual)?.[1]).toBe('3');
    const quiet = await metricsOf('chain-quiet');
    expect(measured(quiet)).toBe(false);
    expect(calls.exec(quiet)?.[1]).toBe('0');
    // It starts two chains, one after the other.
  }, 120_000);
});
