/**
 * The load of an overload run, in a process of its own, so that the proxies cannot delay it.
 *
 * First a closed loop measures the capacity, then an open loop sends a multiple of it. Latency counts from the time at
 * which an order is due. The result is JSON on stdout.
 */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { announce } from '@holdfast/shared/observability/log.ts';
import { quantile } from '../measure/statistics.ts';
import { createChaosOrder } from './orders.ts';

/** The parameters of the run. */
export interface CustomersOrder {
  readonly url: string;
  readonly seed: number;
  /** How long the overload lasts. */
  readonly seconds: number;
  /** The multiple of the capacity that is offered. */
  readonly times: number;
}

/** The result; times in milliseconds, rates per second. */
export interface CustomersReport {
  /** The throughput of 32 closed-loop customers, and its 99th percentile. */
  readonly capacity: number;
  readonly calmP99Ms: number;
  /** Orders that were offered, accepted (200 or 202), and completed within a second (200). */
  readonly offered: number;
  readonly kept: number;
  readonly goodput: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly refusedP50Ms: number;
  readonly refusedP99Ms: number;
  /** Of those that were answered 200 or 202. */
  readonly admittedP50Ms: number;
  readonly admittedP99Ms: number;
  /** Time until an order completes as quickly as before. */
  readonly normalAfterMs: number;
}

interface TimedAnswer {
  readonly status: number;
  readonly ms: number;
}

const patienceMs = 2500;
const timelyMs = 1000;
const clients = 32;
const comeBackMs = 1000;
/** Rounds of a second, at least and at most: the first calls to a cold chain may have opened a breaker. */
const warmRounds = { least: 3, most: 30 } as const;
const calmMs = 4000;
/** Limit of open connections; an order beyond it counts as unanswered. */
const maxOutstanding = 4000;

const order = JSON.parse(process.argv[2] ?? '') as CustomersOrder;
const agent = new Agent({ keepAlive: true, maxFreeSockets: maxOutstanding, scheduling: 'fifo' });
let count = 0;

announce(JSON.stringify(await run(order)));
agent.destroy();

async function run({ seconds, times }: CustomersOrder): Promise<CustomersReport> {
  for (let round = 1; round <= warmRounds.most; round += 1) {
    const isWarm = (await serve(1000)).every(({ status }) => status === 200 || status === 503);
    if (isWarm && round >= warmRounds.least) break;
  }
  const calm = await serve(calmMs);
  const capacity = (calm.filter(isTimely).length / calmMs) * 1000;
  const calmP99Ms = latencyOf(calm, 0.99);

  const received: TimedAnswer[] = [];
  const outstanding = new Set<Promise<unknown>>();
  const startedAt = performance.now();
  const everyMs = 1000 / (capacity * times);
  for (let sent = 0; performance.now() - startedAt < seconds * 1000; await wait(2)) {
    for (let due = startedAt; ; sent += 1) {
      due = startedAt + sent * everyMs;
      if (due > performance.now()) break;
      if (outstanding.size >= maxOutstanding) {
        received.push({ status: 0, ms: patienceMs });
        continue;
      }
      const one: Promise<unknown> = ask(due).then((answer) => {
        received.push(answer);
        outstanding.delete(one);
      });
      outstanding.add(one);
    }
  }
  const endedAt = performance.now();
  let answer = await ask(performance.now());
  while ((answer.status !== 200 || answer.ms > 2 * calmP99Ms) && performance.now() - endedAt < 60_000) {
    await wait(20);
    answer = await ask(performance.now());
  }
  const normalAfterMs = performance.now() - endedAt;
  await Promise.all(outstanding);

  const admitted = received.filter(({ status }) => status === 200 || status === 202);
  const refused = received.filter(({ status }) => status === 503);
  const answers: Record<string, number> = {};
  for (const { status } of received) answers[status] = (answers[status] ?? 0) + 1;
  return {
    capacity,
    calmP99Ms,
    offered: received.length / seconds,
    kept: admitted.length / seconds,
    goodput: received.filter(isTimely).length / seconds,
    answers,
    refusedP50Ms: latencyOf(refused, 0.5),
    refusedP99Ms: latencyOf(refused, 0.99),
    admittedP50Ms: latencyOf(admitted, 0.5),
    admittedP99Ms: latencyOf(admitted, 0.99),
    normalAfterMs,
  };
}

/** Closed loop: each client waits for its answer before the next order, and longer after a refusal. */
async function serve(ms: number): Promise<TimedAnswer[]> {
  const answers: TimedAnswer[] = [];
  const endsAt = performance.now() + ms;
  const client = async () => {
    while (performance.now() < endsAt) {
      const answer = await ask(performance.now());
      answers.push(answer);
      if (answer.status !== 200) await wait(comeBackMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answers;
}

/** Sends one order; the status is 0 without a whole answer. */
function ask(intendedAt: number): Promise<TimedAnswer> {
  const body = JSON.stringify(createChaosOrder(`o${order.seed}-${++count}`));
  return new Promise((resolve) => {
    const end = (status: number) => {
      clearTimeout(timer);
      resolve({ status, ms: performance.now() - intendedAt });
    };
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const sent = request(`${order.url}/create`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('close', () => end(response.complete ? (response.statusCode ?? 0) : 0));
    });
    const timer = setTimeout(() => sent.destroy(), patienceMs);
    sent.once('error', () => end(0));
    sent.end(body);
  });
}

function isTimely({ status, ms }: TimedAnswer): boolean {
  return status === 200 && ms <= timelyMs;
}

/** In milliseconds; 0 without answers. */
function latencyOf(answers: readonly TimedAnswer[], share: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : quantile(sorted, share);
}
