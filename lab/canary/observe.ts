/**
 * Reads the numbers of both releases of every service: requests and answers from HAProxy; latencies, pending documents
 * and breakers from the instances.
 */

import { type ServiceName, serviceNames } from '../../chain.ts';
import type { HaproxySocket, ServerStat } from '../proxies/haproxy-socket.ts';
import type { HttpCalls } from '../server/http-call.ts';
import type { ReleaseStats, ServiceSample } from './judge.ts';
import { type Release, releaseOf, releases } from './release-set.ts';
import { countersBetween, parseReading, type Reading, sumCounters } from './scrape.ts';

/** All counters at one moment. */
export interface Observation {
  readonly servers: readonly ServerStat[];
  /** By address; absent for an instance that did not answer. */
  readonly readings: ReadonlyMap<string, Reading>;
}

/** Reads all counters. @throws {Error} when HAProxy does not answer. */
export async function observe(socket: HaproxySocket, calls: HttpCalls): Promise<Observation> {
  const servers = await socket.servers();
  const addresses = [...new Set(servers.map(({ address }) => address).filter(Boolean))];
  const readings = await Promise.all(
    addresses.map(async (address) => {
      const url = `http://${address}/metrics`;
      const text = await calls.call({ method: 'GET', url, timeoutMs: 2000 }).then(
        ({ status, body }) => (status === 200 ? body.toString() : undefined),
        () => undefined, // it has ended, or cannot be reached from here
      );
      return [address, text === undefined ? undefined : parseReading(text)] as const;
    }),
  );
  return {
    servers,
    readings: new Map(readings.flatMap(([at, reading]) => (reading ? [[at, reading]] : []))),
  };
}

/** The samples of each service between two observations. */
export function toSamples(before: Observation, now: Observation): readonly ServiceSample[] {
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

/** The servers of a service that have an address, optionally of one release. */
export function serversOf(
  { servers }: Pick<Observation, 'servers'>,
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

function toSide(before: Observation, now: Observation, service: ServiceName, release: Release): ReleaseStats {
  const servers = serversOf(now, service, release);
  const grown = (key: 'sent' | 'good') =>
    servers.reduce((total, server) => {
      const earlier = before.servers.find(
        (one) => one.backend === server.backend && one.server === server.server,
      );
      return total + server[key] - (earlier?.[key] ?? 0);
    }, 0);
  const addresses = [...new Set(servers.map(({ address }) => address))];
  const counters = sumCounters(
    addresses.flatMap((address) => {
      const [earlier, later] = [before.readings.get(address), now.readings.get(address)];
      if (later === undefined) return [];
      return [earlier === undefined ? later : countersBetween(earlier, later)];
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
