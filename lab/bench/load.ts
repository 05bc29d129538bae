/**
 * The load generator, a process of its own: clients that each have one connection, send an order, wait for its answer,
 * and send the next.
 *
 * An order counts only when the answer is 200 and says that the last hop was reached: the original's design answers 200
 * to everything. All ids are fresh. It takes undici's `dispatch`, the cheapest client of Node, since it shares the cores
 * with what it measures; its own processor time is in the result, which is one line of JSON on stdout.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'undici';
import { announce } from '../../shared/src/observability/log.ts';
import { quantile } from '../measure/statistics.ts';

/** The result of one measurement. */
export interface LoadResult {
  readonly seconds: number;
  /** Orders that went through the whole chain. */
  readonly good: number;
  /** Answers with another status than 200. */
  readonly refused: number;
  /** Answers 200 that did not reach the last hop. */
  readonly hollow: number;
  /** Requests without an answer. */
  readonly broken: number;
  /** Latencies of the good orders. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of this process in milliseconds, from the first request to the last answer. */
  readonly cpuMs: number;
}

const { values: flags } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    clients: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '1' },
    /** Orders a second of all clients together; 0 sends each as soon as the one before it is answered. */
    rate: { type: 'string', default: '0' },
    /** Ends as soon as so many orders in a row have gone through; 0 does not. */
    'in-a-row': { type: 'string', default: '0' },
  },
});
const clients = Number(flags.clients);
const seconds = Number(flags.seconds);
const rate = Number(flags.rate);
const enoughInARow = Number(flags['in-a-row']);
const { origin, pathname } = new URL(flags.url);
const run = randomUUID().slice(0, 8);
const brokenPauseMs = 100;
const headers = { 'Content-Type': 'application/json' };

const latencies: number[] = [];
const counts = { refused: 0, hollow: 0, broken: 0 };
let sent = 0;
let inARow = 0;

const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
let endsAt = startedAt + seconds * 1000;
await Promise.all(Array.from({ length: clients }, (_, index) => runClient(index)));
const tookMs = performance.now() - startedAt;
const cpu = process.cpuUsage(cpuBefore);

const sorted = Float64Array.from(latencies).sort();
const result: LoadResult = {
  seconds: tookMs / 1000,
  good: sorted.length,
  ...counts,
  p50Ms: quantile(sorted, 0.5),
  p99Ms: quantile(sorted, 0.99),
  cpuMs: (cpu.user + cpu.system) / 1000,
};
announce(JSON.stringify(result));

async function runClient(index: number): Promise<void> {
  // Node's default for a connection is longer than what undici has.
  const connection = new Client(origin, { keepAliveTimeout: 60_000 });
  const everyMs = rate === 0 ? 0 : (clients / rate) * 1000;
  // With a rate every client keeps a timetable, and a latency counts from the time at which an order was due.
  let dueAt = startedAt + (everyMs * index) / clients;
  for (;;) {
    const now = performance.now();
    if (everyMs === 0) dueAt = now;
    else if (dueAt > now) await wait(dueAt - now);
    if (Math.max(now, dueAt) >= endsAt) break;
    record(await order(connection), dueAt);
    dueAt += everyMs;
  }
  await connection.destroy();
}

function record(outcome: 'good' | keyof typeof counts, from: number): void {
  if (outcome === 'good') latencies.push(performance.now() - from);
  else counts[outcome] += 1;
  inARow = outcome === 'good' ? inARow + 1 : 0;
  if (enoughInARow > 0 && inARow >= enoughInARow) endsAt = 0;
}

function order(connection: Client): Promise<'good' | keyof typeof counts> {
  const id = `${run}-${++sent}`;
  const shipment = { id: `s-${id}`, directions: 'home' };
  const body = JSON.stringify({ id, items: [], payment: { id: `p-${id}`, amount: 12.5, shipment } });
  return new Promise((resolve) => {
    let status = 0;
    let text = '';
    connection.dispatch(
      { method: 'POST', path: pathname, headers, body, headersTimeout: 10_000, bodyTimeout: 10_000 },
      {
        onRequestStart() {},
        onResponseStart(_, code) {
          status = code;
        },
        onResponseData(_, chunk) {
          text += chunk.toString('latin1');
        },
        onResponseEnd() {
          if (status !== 200) resolve('refused');
          else resolve(text.includes('Last') ? 'good' : 'hollow');
        },
        // A connection that is refused is refused at once, and would be tried without a pause.
        onResponseError: () => void setTimeout(resolve, brokenPauseMs, 'broken'),
      },
    );
  });
}
