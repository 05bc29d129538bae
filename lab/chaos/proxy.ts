/**
 * A proxy between two hops with the faults of a network: it loses, delays, doubles and delivers late, cuts answers
 * short, and answers in place of the hop. Its decisions come from a seed. Without faults it forwards everything.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createRandom } from '../measure/random.ts';
import { answer, type ReceivedRequest, read, send } from './whole-messages.ts';

/** The faults. */
export const faultKinds = [
  'lose-request',
  'lose-answer',
  'delay',
  'duplicate',
  'late-duplicate',
  'deliver-late',
  'truncate',
  'stranger',
] as const;

/** One fault. */
export type FaultKind = (typeof faultKinds)[number];

/** The share of requests with each fault, 0 to 1; together at most 1. */
export type FaultRatios = Readonly<Partial<Record<FaultKind, number>>>;

/** A listening proxy. */
export interface FaultProxy {
  readonly url: string;
  /** Faults so far, by kind. */
  readonly counts: Readonly<Record<FaultKind, number>>;
  /** Requests so far. */
  readonly requests: () => number;
  /** Sets the faults; `{}` ends them. */
  setFaults(ratios: FaultRatios): void;
  /** Delays every request from now on by `ms`; 0 heals it. */
  slow(ms: number): void;
  /** Resolves when no late request is still to be delivered. */
  lateDelivered(): Promise<void>;
  stop(): Promise<void>;
}

const strangersPage = '<!doctype html><title>404 Not Found</title><h1>Not Found</h1>';
/** Below and above the attempt time-out of a test chain. */
const delayMs = { min: 20, max: 700 } as const;
/** Mostly longer than a whole request. */
const lateMs = { min: 500, max: 4000 } as const;

/** Starts a proxy in front of a port of this machine. */
export async function startFaultProxy(target: number, seed: number): Promise<FaultProxy> {
  const random = createRandom(seed);
  const counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  const late = new Set<Promise<unknown>>();
  const ending = new AbortController();
  let ratios: FaultRatios = {};
  let requests = 0;
  let slowMs = 0;

  const server = createServer({ keepAliveTimeout: 65_000 }, async (incoming, outgoing) => {
    requests += 1;
    const body = await read(incoming).catch(() => undefined);
    if (body === undefined) return;
    if (slowMs > 0) await wait(slowMs);
    const sent = { method: incoming.method, path: incoming.url, headers: incoming.headers, body };
    const fault = choose();
    if (fault !== undefined) counts[fault] += 1;
    await applyFault(fault, sent, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    requests: () => requests,
    setFaults(next) {
      ratios = next;
    },
    slow(ms) {
      slowMs = ms;
    },
    async lateDelivered() {
      await Promise.all(late);
    },
    stop() {
      ending.abort();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  function choose(): FaultKind | undefined {
    const weights = Object.entries(ratios) as [FaultKind, number][];
    let left = random.next();
    for (const [kind, ratio] of weights) {
      left -= ratio;
      if (left < 0) return kind;
    }
    return undefined;
  }

  async function applyFault(
    fault: FaultKind | undefined,
    sent: ReceivedRequest,
    outgoing: ServerResponse,
  ): Promise<void> {
    switch (fault) {
      case 'lose-request':
        return void outgoing.destroy();
      case 'lose-answer':
        await send(target, sent);
        return void outgoing.destroy();
      case 'delay':
        await wait(random.between(delayMs.min, delayMs.max), undefined, { signal: ending.signal });
        return answer(outgoing, await send(target, sent));
      case 'duplicate':
        return answer(outgoing, (await Promise.all([send(target, sent), send(target, sent)]))[0]);
      case 'late-duplicate':
        deliverLate(sent);
        return answer(outgoing, await send(target, sent));
      case 'deliver-late':
        deliverLate(sent);
        return void outgoing.destroy();
      case 'truncate': {
        const { status, headers, body } = await send(target, sent);
        outgoing.writeHead(status, { ...headers, 'content-length': body.length });
        outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
        return;
      }
      case 'stranger':
        return void outgoing.writeHead(404, { 'Content-Type': 'text/html' }).end(strangersPage);
      default:
        return answer(outgoing, await send(target, sent));
    }
  }

  function deliverLate(sent: ReceivedRequest): void {
    const delivery = wait(random.between(lateMs.min, lateMs.max), undefined, { signal: ending.signal })
      .then(() => send(target, sent))
      .catch(() => undefined) // no caller waits for it, and the target can be dead
      .finally(() => late.delete(delivery));
    late.add(delivery);
  }
}
