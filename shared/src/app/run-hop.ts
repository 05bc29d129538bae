/**
 * Runs one hop in this process: listen → database and keys → serve → relay, and back. As a process of its own it is in
 * run-service.ts.
 *
 * The port is taken at once, so that a wrong one is said at once; until the database is there and the indexes are
 * built, every create is answered 503 `starting`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import { StoreUnavailableError, toLogged } from '../core/errors.ts';
import type { Body } from '../core/resource.ts';
import { announceLocally } from '../discovery/local.ts';
import type { Source } from '../discovery/source.ts';
import type { OwnRouters } from '../http/own-routes.ts';
import type { Health } from '../observability/health.ts';
import { limitLog } from '../observability/limited-log.ts';
import { systemClock } from '../resilience/deadline.ts';
import { openHop } from './open-hop.ts';
import { type OpenHttpOptions, openHttp } from './open-http.ts';
import { type NeighbourAddresses, openNeighbours } from './open-neighbours.ts';

/** A service that runs in this process. */
export interface RunningHop {
  readonly url: string;
  /** Resolves when the database is there and creates are taken, or when it is stopped before that. */
  readonly ready: Promise<void>;
  /** Leaves step by step: unready, finish what is under way, close. */
  stop(): Promise<void>;
}

/** Code of one's own, in one service. */
export interface OwnCode {
  /** Routers by the path at which they are mounted. */
  readonly routes?: OwnRouters;
  /** Runs before own routes and before creates; `next()` goes on. */
  readonly middleware?: readonly RequestHandler[];
  /** Where `request.holdfast.call` finds neighbours, by name. */
  readonly neighbours?: NeighbourAddresses;
}

/** What `runHop` puts together. */
export interface RunOptions<B extends Body> extends Omit<OpenHttpOptions<B>, 'hop' | 'own'>, OwnCode {}

/**
 * Runs one hop in this process.
 * @throws {ListenError} when the port cannot be used.
 * @throws {StartError} when code of one's own cannot be what it is.
 */
export async function runHop<B extends Body>(options: RunOptions<B>): Promise<RunningHop> {
  const { settings, telemetry, store, next, routes = {}, middleware = [] } = options;
  const { log, tracer } = telemetry;
  const neighbours = openNeighbours(options.neighbours ?? {}, { ...options, nextName: next?.name });
  const own = { routers: routes, middleware, callNeighbour: neighbours.call };
  const hop = openHop(options);
  const http = await openHttp({
    ...options,
    store: { ...store, records: hop.records },
    hop,
    own,
  });
  const { url, health } = http;

  let announced: Source | undefined;
  const ready = (async () => {
    await tracer.ready;
    await store.database.connect((reason) => log.warn(`waiting for the database: ${reason}`));
    await prepare(options, health);
    if (health.phase() !== 'starting') return;
    health.enter('serving');
    if (settings.DISCOVERY) announced = announce(options, url);
    hop.startRelay();
  })();

  return {
    url,
    ready,
    async stop() {
      health.enter('stopping');
      await announced?.stop();
      await wait(settings.DRAIN_MS);
      await http.close();
      await hop.stop();
      await Promise.all([next?.close(), neighbours.close(), tracer.stop(), store.database.close()]);
    },
  };
}

type Parts = Pick<RunOptions<Body>, 'settings' | 'telemetry' | 'store'>;

/** Tells the local network where this instance is, so that neighbours with `local+http://` find it. */
function announce({ settings, telemetry: { log, identity }, store }: Parts, url: string): Source {
  const network = { interface: settings.DISCOVERY_INTERFACE, group: settings.DISCOVERY_GROUP };
  const write = limitLog(log);
  const { instance } = identity;
  return announceLocally({ service: settings.ID, instance, url }, network, store.keys, (message) =>
    write({ cause: 'discovery', level: 'warn', fields: { event: 'discovery' }, message }),
  );
}

/**
 * Gets the keys of the chain, builds the indexes and takes back this instance's own leases, however long it takes: the
 * database may go away in between, and an index over many documents may take an hour. Meanwhile the service is `starting`.
 */
async function prepare({ telemetry: { log, identity }, store }: Parts, health: Health): Promise<void> {
  const { keys, records } = store;
  for (let attempt = 1; health.phase() === 'starting'; attempt += 1) {
    try {
      await keys.load();
      await records.prepare();
      await records.reclaim(`${identity.instance}/`, new Date(systemClock()));
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      if (attempt % 12 === 1) log.warn(`waiting for the indexes: ${toLogged(error)}`);
      await wait(Math.min(5_000, 250 * attempt));
    }
  }
}
