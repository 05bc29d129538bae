/** Injects a fault into the canaries of one service through their fault controls (`LAB=1`), and removes it. */

import type { ServiceName } from '../../chain.ts';
import type { HaproxySocket } from '../proxies/haproxy-socket.ts';
import type { HttpCalls } from '../server/http-call.ts';
import { serversOf } from './observe.ts';
import { type BreakKind, breaks } from './settings.ts';

const faultName = 'broken-canary';
/** Longer than any rollout; after it the fault ends by itself. */
const ttlMs = 600_000;

/**
 * Injects a fault into every canary of a service; returns the function that removes it.
 * @throws {Error} when a canary refuses it.
 */
export async function breakCanaries(
  { service, kind }: { service: ServiceName; kind: BreakKind },
  socket: HaproxySocket,
  calls: HttpCalls,
): Promise<() => Promise<void>> {
  const servers = serversOf({ servers: await socket.servers() }, service, 'canary');
  const urls = [...new Set(servers.map(({ address }) => `http://${address}/faults/${faultName}`))];
  for (const url of urls) {
    const body = JSON.stringify({ ...breaks[kind], ttlMs });
    const headers = { 'Content-Type': 'application/json' };
    const { status } = await calls.call({ method: 'PUT', url, headers, body, timeoutMs: 3000 });
    if (status !== 200 && status !== 201)
      throw new Error(
        `The canary of ${service} cannot be broken: ${url} answered ${status}; it needs LAB=1.`,
      );
  }
  return async () => {
    // A canary that has ended has no faults.
    await Promise.allSettled(urls.map((url) => calls.call({ method: 'DELETE', url, timeoutMs: 3000 })));
  };
}
