/**
 * The load of an overload run, in a process of its own, so that nothing else of the run delays it.
 *
 * First a closed loop measures the capacity, then an open loop sends a multiple of it, and a polite customer at another
 * address orders beside it. Latency counts from the time at which an order is due, however late it was sent. The result
 * is JSON on stdout.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { announce } from '@holdfast/shared/observability/log.ts';
import { quantile } from '../measure/statistics.ts';
import { createChaosOrder } from './orders.ts';
import { type ConnectionKind, createWireClient, type WireClient } from './wire-client.ts';

/** The parameters of the run. */
export interface CustomersOrder {
  readonly url: string;
  readonly seed: number;
  /** How long the overload lasts. */
  readonly seconds: number;
  /** The multiple of the capacity that is offered. */
  readonly times: number;
  readonly connections: ConnectionKind;
}

/** Latencies in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** The result; rates per second. */
export interface CustomersReport {
  /** The throughput of 32 closed-loop customers, and their latency. */
  readonly capacity: number;
  readonly calm: Latency;
  /** Orders that were offered, accepted (200 or 202), and completed within a second (200). */
  readonly offered: number;
  readonly kept: number;
  readonly goodput: number;
  readonly answers: Readonly<Record<string, number>>;
  /** Of those that were answered 503. */
  readonly refused: Latency;
  /** Of those that were answered 200 or 202. */
  readonly admitted: Latency;
  /** The customer at another address, with 20 orders a second. */
  readonly polite: Latency & { readonly answers: Readonly<Record<string, number>> };
  /** Time until an order completes as quickly as before. */
  readonly normalAfterMs: number;
  /** How late the customers sent, and what of a core they took. */
  readonly late: Latency;
  readonly cpu: number;
}

interface TimedAnswer {
  readonly status: number;
  readonly ms: number;
}

/** A stream of orders, each of them due at a time of its own. */
interface Stream {
  readonly client: WireClient;
  readonly everyMs: number;
  readonly answers: TimedAnswer[];
  sent: number;
}

const timelyMs = 1000;
const clients = 32;
const comeBackMs = 1000;
const politeEveryMs = 50;
/** Rounds of a second, at least and at most: the first calls to a cold chain may have opened a breaker. */
const warmRounds = { least: 3, most: 30 } as const;
const calmMs = 4000;

const { url, seed, seconds, times, connections } = JSON.parse(process.argv[2] ?? '') as CustomersOrder;
const usual = { url, connections, patienceMs: 2500 };
const crowd = createWireClient(usual);
const polite = createWireClient({ ...usual, from: '127.0.0.2' });
let count = 0;

announce(JSON.stringify(await run()));
for (const client of [crowd, polite]) client.close();

async function run(): Promise<CustomersReport> {
  for (let round = 1; round <= warmRounds.most; round += 1) {
    const isWarm = (await serve(1000)).every(({ status }) => status === 200 || status === 503);
    if (isWarm && round >= warmRounds.least) break;
  }
  const calm = await serve(calmMs);
  const capacity = (calm.filter(isTimely).length / calmMs) * 1000;

  const many: Stream = { client: crowd, everyMs: 1000 / (capacity * times), answers: [], sent: 0 };
  const few: Stream = { client: polite, everyMs: politeEveryMs, answers: [], sent: 0 };
  const late: Pick<TimedAnswer, 'ms'>[] = [];
  const outstanding = new Set<Promise<unknown>>();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  while (performance.now() < endsAt) {
    for (const stream of [few, many]) sendDue(stream);
    await wait(1);
  }
  const cpu = process.cpuUsage(cpuBefore);
  const tookMs = performance.now() - startedAt;
  const normalAfterMs = await waitForUsual(2 * toLatency(calm).p99);
  await Promise.all(outstanding);

  const { answers } = many;
  const admitted = answers.filter(({ status }) => status === 200 || status === 202);
  return {
    capacity,
    calm: toLatency(calm),
    offered: answers.length / seconds,
    kept: admitted.length / seconds,
    goodput: answers.filter(isTimely).length / seconds,
    answers: countStatuses(answers),
    refused: toLatency(answers.filter(({ status }) => status === 503)),
    admitted: toLatency(admitted),
    polite: { ...toLatency(few.answers), answers: countStatuses(few.answers) },
    normalAfterMs,
    late: toLatency(late),
    cpu: (cpu.user + cpu.system) / 1000 / tookMs,
  };

  function sendDue(stream: Stream): void {
    for (;;) {
      const dueAt = startedAt + stream.sent * stream.everyMs;
      const now = performance.now();
      if (dueAt > Math.min(now, endsAt)) return;
      stream.sent += 1;
      late.push({ ms: now - dueAt });
      const one: Promise<unknown> = ask(stream.client, dueAt).then((answer) => {
        stream.answers.push(answer);
        outstanding.delete(one);
      });
      outstanding.add(one);
    }
  }
}

/** Orders one after another until one is answered as quickly as usual; gives the time that it took. */
async function waitForUsual(usualMs: number): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 60_000) {
    const { status, ms } = await ask(crowd, performance.now());
    if (status === 200 && ms <= usualMs) break;
    await wait(20);
  }
  return performance.now() - startedAt;
}

/** Closed loop: each client waits for its answer before the next order, and longer after a refusal. */
async function serve(ms: number): Promise<TimedAnswer[]> {
  const answers: TimedAnswer[] = [];
  const endsAt = performance.now() + ms;
  const customer = async () => {
    while (performance.now() < endsAt) {
      const answer = await ask(crowd, performance.now());
      answers.push(answer);
      if (answer.status !== 200) await wait(comeBackMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, customer));
  return answers;
}

async function ask(client: WireClient, dueAt: number): Promise<TimedAnswer> {
  const status = await client.post('/create', JSON.stringify(createChaosOrder(`o${seed}-${++count}`)));
  return { status, ms: performance.now() - dueAt };
}

function isTimely({ status, ms }: TimedAnswer): boolean {
  return status === 200 && ms <= timelyMs;
}

function countStatuses(answers: readonly TimedAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Zeros without answers. */
function toLatency(answers: readonly Pick<TimedAnswer, 'ms'>[]): Latency {
  if (answers.length === 0) return { p50: 0, p99: 0 };
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}
