/**
 * Sends requests through HAProxy and counts which instances served them: `/version` names the instance, messages with
 * orders are counted by HAProxy at each service.
 */
import { randomUUID } from 'node:crypto';
import { serviceNames } from '../../chain.ts';
import { type Acknowledged, toAcknowledged } from '../audit/acknowledged.ts';
import type { Table } from '../measure/draw-table.ts';
import { sendOrder } from '../proxies/customers.ts';
import type { HaproxySocket } from '../proxies/haproxy-socket.ts';
import type { HttpCalls } from '../server/http-call.ts';
import { serversOf } from './observe.ts';
import { type Release, releaseOf } from './release-set.ts';

/** The number of requests that one instance served. */
export interface Served {
  readonly service: string;
  readonly release: Release;
  /** The name that the instance reports, or its server name in HAProxy. */
  readonly instance: string;
  readonly requests: number;
}

/** Where requests are sent. */
export interface DistributionOptions {
  readonly url: string;
  readonly socket: HaproxySocket;
  readonly calls: HttpCalls;
}

/** Concurrent requests. */
const atOnce = 8;

/**
 * Requests `/version` this many times and counts the instances that answered. @throws {Error} when an answer does not
 * come from a service.
 */
export async function askVersions(
  { url, calls }: Omit<DistributionOptions, 'socket'>,
  requests: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Served[]> {
  const counts = new Map<string, number>();
  await inTurns(requests, async () => {
    const called = await calls.call({ method: 'GET', url: `${url}/version`, headers, timeoutMs: 6000 });
    if (called.status !== 200) throw new Error(`${url}/version answered ${called.status}.`);
    const { service, release, instance } = JSON.parse(called.body.toString());
    const key = JSON.stringify([service, release, instance]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  return [...counts]
    .map(([key, requests]) => {
      const [service, release, instance] = JSON.parse(key);
      return { service, release, instance, requests };
    })
    .sort((a, b) => `${b.release}`.localeCompare(a.release) || a.instance.localeCompare(b.instance));
}

/**
 * Sends this many orders and counts the messages that HAProxy sent to each instance; also returns what was acknowledged.
 * Between services one message may have several documents.
 */
export async function sendOrders(
  { url, socket, calls }: DistributionOptions,
  requests: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ served: readonly Served[]; acknowledged: readonly Acknowledged[] }> {
  const run = randomUUID().slice(0, 8);
  const acknowledged: Acknowledged[] = [];
  const before = await socket.servers();
  await inTurns(requests, async (number) => {
    const id = `d-${run}-${number}`;
    const status = await sendOrder(calls, url, id, headers);
    const told = status === 200 || status === 202 ? toAcknowledged(id, status) : undefined;
    if (told !== undefined) acknowledged.push(told);
  });
  const servers = await socket.servers();
  const served = serviceNames.flatMap((service) => {
    const counts = new Map<string, number>();
    for (const { backend, server, sent } of serversOf({ servers }, service)) {
      const earlier = before.find((one) => one.backend === backend && one.server === server)?.sent ?? 0;
      counts.set(server, (counts.get(server) ?? 0) + sent - earlier);
    }
    return [...counts].map(
      ([server, requests]): Served => ({
        service,
        release: releaseOf({ server }) ?? 'stable',
        instance: server,
        requests,
      }),
    );
  });
  return { served, acknowledged };
}

/** The number of requests that the canaries of a service served. */
export function ofCanary(served: readonly Served[], service: string): number {
  return served
    .filter((one) => one.service === service && one.release === 'canary')
    .reduce((total, { requests }) => total + requests, 0);
}

/** The counts as a table. */
export function toServedTable(served: readonly Served[]): Table {
  const totals = new Map<string, number>();
  for (const { service, requests } of served) totals.set(service, (totals.get(service) ?? 0) + requests);
  const rows = served.map(({ service, release, instance, requests }) => {
    const share = (requests / Math.max(1, totals.get(service) ?? 0)) * 100;
    return [service, release, instance, `${requests}`, `${share.toFixed(1)} %`];
  });
  return { head: ['service', 'release', 'instance', 'requests', 'share'], rows };
}

async function inTurns(times: number, send: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < times) {
      next += 1;
      await send(next);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, times) }, client));
}
