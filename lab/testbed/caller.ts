/**
 * The caller as a process: Express, behind it the real pipeline made from a policy, before it the customers.
 *
 * The customers are in the same process, over HTTP: a call counts from the moment in which it was due. It is told what it
 * is on stdin (messages.ts); the measures are one line of JSON on stdout.
 */
import type { AddressInfo } from 'node:net';
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import { announce } from '@holdfast/shared/observability/log.ts';
import type { BreakerEventMap } from '@holdfast/shared/resilience/breaker-events.ts';
import { createDeadline } from '@holdfast/shared/resilience/deadline.ts';
import { NeighbourError } from '@holdfast/shared/resilience/errors.ts';
import { createEventBus } from '@holdfast/shared/resilience/event-bus.ts';
import { createHttpClient } from '@holdfast/shared/resilience/http-client.ts';
import { toArrivals } from '@holdfast/shared/resilience/model/arrivals.ts';
import { type CallRecord, measureRun } from '@holdfast/shared/resilience/model/measure-run.ts';
import type { RunTransition } from '@holdfast/shared/resilience/model/outcome.ts';
import { createPipelineOf } from '@holdfast/shared/resilience/model/policy-pipeline.ts';
import type { Attempt } from '@holdfast/shared/resilience/pipeline.ts';
import express from 'express';
import { quantile } from '../measure/statistics.ts';
import { sendAll } from './generator.ts';
import { type CallerSetup, createRunClock, readMessages, type Start } from './messages.ts';

onStopSignal(() => process.exit(0), { withParent: true });

/** In place of no deadline: longer than any run. */
const foreverMs = 3_600_000;
const signOfLifeMs = 500;
/** A customer waits a little longer than the caller, whose answer says why. */
const patienceMs = 1000;
/** Calls before the run that nobody counts: the first ones of a process are slow. */
const warmUpCalls = 30;
const headers = { 'Content-Type': 'application/json' };

const messages = readMessages();
const { policy, scenario, urls, hasFallback } = (await messages.next()).value as CallerSetup;
const { seconds, load, seed, faults } = scenario;
const deadlineMs = policy.deadlineMs ?? foreverMs;
const calls: CallRecord[] = [];
const sentAtMs: number[] = [];
let wasted = 0;
const transitions: RunTransition[] = [];
/** Attempts of each call. */
const sentOf: number[] = [];
const [toNeighbour, ofCustomers] = [
  createHttpClient({ idleMs: 100_000 }),
  createHttpClient({ idleMs: 100_000 }),
];
const events = createEventBus<BreakerEventMap>();
const { pipeline } = createPipelineOf(policy, { name: 'neighbour', urls, events, isAlive });
const namesOf = urls.map((url) => (urls.length === 1 ? 'neighbour' : `neighbour@${new URL(url).host}`));

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.get('/warm', (_request, response) => void response.type('json').send('{}'));
app.post('/call/:index', async (request, response) => {
  const index = Number(request.params.index);
  const deadline = createDeadline(deadlineMs);
  const isGood = await pipeline(
    { deadline, propagatedHeaders: {}, callerRetries: false },
    (attempt) => callNeighbour(attempt, index),
    hasFallback ? { fallback: () => true } : {},
  ).catch(() => false);
  response
    .status(isGood ? 200 : 503)
    .type('json')
    .send('{}');
});
const own = await listen();
await warmUp();
announce('ready');
const start = (await messages.next()).value as Start;
const clock = createRunClock(start);
events.on('transition', ({ name, at, from, to, reason }) => {
  transitions.push({ atMs: at - start.startAt, instance: namesOf.indexOf(name), from, to, reason });
});
const lateMs = await sendAll(toArrivals(load, seconds, seed), clock, callOnce);
const sorted = Float64Array.from(lateMs).sort();
announce(
  JSON.stringify({
    outcome: measureRun({ seconds, faults, calls, sentAtMs, wasted, transitions }),
    lateMs: lateMs.length === 0 ? 0 : quantile(sorted, 0.99),
  }),
);

async function callNeighbour({ url, timeoutMs, signal }: Attempt, index: number): Promise<true> {
  const number = sentOf[index] ?? 0;
  sentOf[index] = number + 1;
  sentAtMs.push(clock());
  wasted += 1;
  const target = `${url}?call=${index}&attempt=${number}`;
  const { status } = await toNeighbour.send({
    method: 'POST',
    url: target,
    body: '{}',
    headers,
    timeoutMs,
    signal,
  });
  if (status !== 200) throw new NeighbourError('neighbour-failed', `It answered ${status}.`, { status });
  wasted -= 1;
  return true;
}

/** As a service asks after a time-out. */
function isAlive(url: string): Promise<boolean> {
  const question = { method: 'GET', url: new URL('/livez', url).href, headers: {} } as const;
  return toNeighbour.send({ ...question, timeoutMs: signOfLifeMs }).then(
    () => true,
    () => false,
  );
}

async function callOnce(index: number, dueMs: number): Promise<void> {
  const status = await ofCustomers
    .send({
      ...{ method: 'POST', url: `${own}/call/${index}`, body: '{}', headers },
      timeoutMs: deadlineMs + patienceMs,
    })
    .then(
      (answer) => answer.status,
      () => 0,
    );
  const endMs = clock();
  const isGood = status === 200 && endMs - dueMs <= deadlineMs;
  const hasSent = (sentOf[index] ?? 0) > 0;
  calls.push({ dueMs, endMs, end: isGood ? 'good' : hasSent || status === 200 ? 'failed' : 'rejected' });
}

/** On any free port; resolves to the address. */
function listen(): Promise<string> {
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
    server.keepAliveTimeout = 120_000;
  });
}

async function warmUp(): Promise<void> {
  const targets = [`${own}/warm`, ...urls.map((url) => new URL('/livez', url).href)];
  for (let made = 0; made < warmUpCalls; made += 1)
    await Promise.all(
      targets.flatMap((url) => {
        const once = { method: 'GET', url, headers: {}, timeoutMs: 2000 } as const;
        const client = url.startsWith(own) ? ofCustomers : toNeighbour;
        return [client.send(once), client.send(once)].map((call) => call.catch(() => undefined));
      }),
    );
}
