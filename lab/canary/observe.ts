/**
 * Looks at both releases of every service from two sides: HAProxy knows what was sent and what came back, the
 * instances know how long they took, what they left pending, and whether their breakers opened.
 */

import { type ServiceName, serviceNames } from '../../chain.ts';
import type { HaproxySocket, ServerStat } from '../proxies/haproxy-socket.ts';
import type { HttpCalls } from '../server/http-call.ts';
import type { ServiceSample, Side } from './judge.ts';
import { type Release, releaseOf, releases } from './release-set.ts';
import { parseReading, type Reading, since, together } from './scrape.ts';

/** Everything at one moment. */
export interface Look {
  readonly servers: readonly ServerStat[];
  /** By address; absent for an instance that did not answer. */
  readonly readings: ReadonlyMap<string, Reading>;
}

/** Looks now. @throws {Error} when HAProxy does not answer. */
export async function look(socket: HaproxySocket, calls: HttpCalls): Promise<Look> {
  const servers = await socket.servers();
  const addresses = [...new Set(servers.map(({ address }) => address).filter(Boolean))];
  const readings = await Promise.all(
    addresses.map(async (address) => {
      const url = `http://${address}/metrics`;
      const text = await calls.call({ method: 'GET', url, timeoutMs: 2000 }).then(
        ({ status, body }) => (status === 200 ? body.toString() : undefined),
        () => undefined, // it is gone, or not to be reached from here
      );
      return [address, text === undefined ? undefined : parseReading(text)] as const;
    }),
  );
  return {
    servers,
    readings: new Map(readings.flatMap(([at, reading]) => (reading ? [[at, reading]] : []))),
  };
}

/** What happened to each service between two looks. */
export function toSamples(before: Look, now: Look): readonly ServiceSample[] {
  return serviceNames.map((service) => ({
    service,
    canary: toSide(before, now, service, 'canary'),
    stable: toSide(before, now, service, 'stable'),
    oldestPendingS: Math.max(
      0,
      ...serversOf(now, service).map(({ address }) => now.readings.get(address)?.oldestPendingS ?? 0),
    ),
  }));
}

/** The places of a service that have an address; of one release, if asked. */
export function serversOf(
  { servers }: Pick<Look, 'servers'>,
  service: ServiceName,
  release?: Release,
): ServerStat[] {
  const backends = [service, ...releases.map((one) => `${service}_${one}`)];
  return servers.filter(
    (stat) =>
      backends.includes(stat.backend) &&
      stat.address !== '' &&
      (release === undefined || releaseOf(stat) === release),
  );
}

function toSide(before: Look, now: Look, service: ServiceName, release: Release): Side {
  const servers = serversOf(now, service, release);
  const grown = (key: 'sent' | 'good') =>
    servers.reduce((total, server) => {
      const earlier = before.servers.find(
        (one) => one.backend === server.backend && one.server === server.server,
      );
      return total + server[key] - (earlier?.[key] ?? 0);
    }, 0);
  const addresses = [...new Set(servers.map(({ address }) => address))];
  const counters = together(
    addresses.flatMap((address) => {
      const [earlier, later] = [before.readings.get(address), now.readings.get(address)];
      if (later === undefined) return [];
      return [earlier === undefined ? later : since(earlier, later)];
    }),
  );
  const active = servers.reduce((total, server) => total + server.active, 0);
  const calls = Math.max(0, grown('sent') - active);
  return {
    ready: servers.filter(({ backend, isUp }) => backend === service && isUp).length,
    calls,
    failed: Math.max(0, calls - grown('good')),
    answered: counters.answered,
    pending: counters.pending,
    opened: counters.opened,
    within: counters.within,
  };
}
