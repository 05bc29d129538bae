/**
 * The load generator, a process of its own: closed-loop clients that each send an order, wait for its answer, and send
 * the next.
 *
 * An order counts only when the answer is 200 and says that the last hop was reached: the original's design answers 200
 * to everything. The result is one line of JSON on stdout. All ids are fresh.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request as send } from 'node:http';
import { parseArgs } from 'node:util';
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
}

const { values: flags } = parseArgs({
  options: { url: { type: 'string', default: '' }, clients: { type: 'string' }, seconds: { type: 'string' } },
});
const clients = Number(flags.clients);
const seconds = Number(flags.seconds);
const { hostname, port, pathname } = new URL(flags.url);
const agent = new Agent({ keepAlive: true, maxSockets: clients });
const run = randomUUID().slice(0, 8);

const latencies: number[] = [];
const counts = { refused: 0, hollow: 0, broken: 0 };
let sent = 0;

const startedAt = performance.now();
const endsAt = startedAt + seconds * 1000;
await Promise.all(Array.from({ length: clients }, client));
const tookMs = performance.now() - startedAt;
agent.destroy();

const sorted = Float64Array.from(latencies).sort();
const result: LoadResult = {
  seconds: tookMs / 1000,
  good: sorted.length,
  ...counts,
  p50Ms: quantile(sorted, 0.5),
  p99Ms: quantile(sorted, 0.99),
};
announce(JSON.stringify(result));

async function client(): Promise<void> {
  for (let at = performance.now(); at < endsAt; at = performance.now()) {
    const outcome = await order();
    if (outcome === 'good') latencies.push(performance.now() - at);
    else counts[outcome] += 1;
  }
}

function order(): Promise<'good' | keyof typeof counts> {
  const id = `${run}-${++sent}`;
  const shipment = { id: `s-${id}`, directions: 'home' };
  const body = JSON.stringify({ id, items: [], payment: { id: `p-${id}`, amount: 12.5, shipment } });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const options = { hostname, port, path: pathname, method: 'POST', agent, headers };
    const call = send(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => {
        if (answer.statusCode !== 200) return resolve('refused');
        resolve(text.includes('Last') ? 'good' : 'hollow');
      });
      answer.once('error', () => resolve('broken'));
    });
    call.setTimeout(10_000, () => call.destroy());
    call.once('error', () => resolve('broken'));
    call.end(body);
  });
}
