/**
 * One instance of the neighbour as a process: Express in front of workers that wait instead of computing, and the faults
 * of a scenario from one agreed moment on.
 *
 * It is told what it is on stdin (messages.ts), and says `ready` with its port on stdout.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import { announce } from '@holdfast/shared/observability/log.ts';
import { drawUnit, purposes } from '@holdfast/shared/resilience/model/seeded-random.ts';
import { createServiceTimes } from '@holdfast/shared/resilience/model/service-times.ts';
import express, { type Request, type Response } from 'express';
import { createRunClock, type NeighbourSetup, type RunClock, readMessages, type Start } from './messages.ts';
import { toDownMoments, toPresentFaults } from './present-faults.ts';
import { createWorkers } from './workers.ts';

onStopSignal(() => process.exit(0), { withParent: true });

const messages = readMessages();
const { instance, ports, scenario } = (await messages.next()).value as NeighbourSetup;
const { neighbour, faults, seed } = scenario;
/** Before the run nothing is broken. */
let clock: RunClock = () => Number.NEGATIVE_INFINITY;
const drawServiceMs = createServiceTimes(neighbour.serviceMs, seed);
const present = () => toPresentFaults(faults, instance, clock());
const workers = createWorkers(neighbour, { clock: () => clock(), after });

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.get('/livez', (_request, response) => answer(response, 200));
app.post('/call', (request, response) => after(neighbour.networkMs / 2, () => take(request, response)));
let server = await listenOnFirst(ports);
const { port } = server.address() as AddressInfo;
announce(`ready ${port}`);
const start = (await messages.next()).value as Start;
clock = createRunClock(start);
for (const atMs of toDownMoments(faults, instance)) after(atMs - clock(), () => void followFaults(atMs));

function take({ query }: Request, response: Response): void {
  const { isHanging, flakyRatio } = present();
  if (isHanging || response.closed) return;
  const [call, attempt] = [Number(query.call), Number(query.attempt)];
  // The same numbers as in the model, so that the same calls fail in both.
  if (drawUnit(seed, purposes.flaky, call, attempt) < flakyRatio) {
    answer(response, 500);
    return;
  }
  const isGood = drawUnit(seed, purposes.error, call, attempt) >= neighbour.errorRatio;
  const work = {
    begin: (atMs: number) => drawServiceMs(call, attempt) * toPresentFaults(faults, instance, atMs).factor,
    end: () => answer(response, isGood ? 200 : 500),
  };
  response.once('close', () => workers.abandon(work));
  if (!workers.offer(work)) answer(response, 503);
}

/** Sends an answer, unless it hangs or nobody waits. */
function answer(response: Response, status: number): void {
  after(present().latencyMs + neighbour.networkMs / 2, () => {
    if (present().isHanging || response.closed) return;
    response.status(status).type('json').send('{}');
  });
}

/** Nobody listens while it is down, and what was under way is lost. */
async function followFaults(atMs: number): Promise<void> {
  // Not by the clock: a timer may fire a little too early.
  const { isDown } = toPresentFaults(faults, instance, atMs);
  if (isDown === !server.listening) return;
  if (!isDown) {
    server = await listen(port);
    return;
  }
  workers.clear();
  server.close();
  server.closeAllConnections();
}

async function listenOnFirst([first, ...others]: readonly number[]): Promise<Server> {
  if (first === undefined) throw new Error('There is no free port.');
  return listen(first).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return listenOnFirst(others);
  });
}

function listen(at: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const listening = app.listen(at, '127.0.0.1', (error) => (error ? reject(error) : resolve(listening)));
    // The caller closes its connections first, so that none is closed under a call.
    listening.keepAliveTimeout = 120_000;
  });
}

/** A timer of less than a millisecond would be one. */
function after(ms: number, then: () => void): void {
  if (ms < 0.5) then();
  else setTimeout(then, ms);
}
