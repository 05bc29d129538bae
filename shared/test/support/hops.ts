/**
 * Real hops in this process, each with its own port, collection and breaker, for component tests.
 *
 * `useHops` registers the hooks that prepare and stop them.
 */
import { randomUUID } from 'node:crypto';
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { openNext } from '@holdfast/shared/app/open-next.ts';
import { openStore, openTelemetry, type Telemetry } from '@holdfast/shared/app/open-parts.ts';
import { type OwnCode, type RunningHop, runHop } from '@holdfast/shared/app/run-hop.ts';
import { readSettings } from '@holdfast/shared/core/config.ts';
import type { Body, Resource } from '@holdfast/shared/core/resource.ts';
import type { Resolve } from '@holdfast/shared/discovery/dns.ts';
import { createLog } from '@holdfast/shared/observability/log.ts';
import type { TimeLimits } from '@holdfast/shared/store/database.ts';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import { chainKey } from './as-hop.ts';
import { ample } from './time-limits.ts';

/** A hop with what it tells of itself. */
export interface TestHop extends RunningHop {
  readonly telemetry: Telemetry;
}

/** The hops of one test, or of one file, in a database of their own. */
export interface Hops {
  readonly mongoUrl: string;
  /** What the hops wrote to their logs, parsed. */
  readonly logged: readonly Record<string, unknown>[];
  /** The faults that would have ended the process. */
  readonly crashed: readonly string[];
  /** Starts a hop on a free port; `env` overrides its settings. */
  start<B extends Body>(
    resource: Resource<B>,
    id: string,
    env?: Record<string, string>,
    parts?: {
      /** In place of the system's resolver. */
      readonly resolve?: Resolve;
      /** How long it waits for its database; long by default, for busy machines. */
      readonly timeLimits?: TimeLimits;
      /** Code of its own. */
      readonly own?: OwnCode;
    },
  ): Promise<TestHop>;
  /** Reads all documents of a collection with a plain driver. */
  stored(collection: string): Promise<Record<string, unknown>[]>;
}

/** What every test starts its hops with: none run before it, and none after it. `'file'` keeps them for all tests of a file. */
export function useHops(lifetime: 'test' | 'file' = 'test'): Hops {
  let current: ReturnType<typeof createHops>;
  const [before, after] = lifetime === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(() => {
    current = createHops();
  });
  after(() => current.stop());
  return {
    get mongoUrl() {
      return current.mongoUrl;
    },
    get logged() {
      return current.logged;
    },
    get crashed() {
      return current.crashed;
    },
    start: (...args) => current.start(...args),
    stored: (collection) => current.stored(collection),
  };
}

function createHops(): Hops & { stop(): Promise<void> } {
  const name = `test-${randomUUID().slice(0, 8)}`;
  const base = inject('mongoUrl').replace(/\/+$/, '');
  const mongoUrl = `${base}/${name}`;
  const client = new MongoClient(mongoUrl);
  const running: RunningHop[] = [];
  const logged: Record<string, unknown>[] = [];
  const crashed: string[] = [];
  const out = { write: (line: string) => void logged.push(JSON.parse(line)) };

  return {
    mongoUrl,
    logged,
    crashed,
    async start(resource, id, env = {}, { resolve, timeLimits = ample, own } = {}) {
      const settings = readSettings(hopSettings(id, 0), {
        MONGO_URL: mongoUrl,
        DRAIN_MS: '0',
        CHAIN_KEY: chainKey,
        ...env,
      });
      const log = createLog({ service: id, format: 'json', level: 'debug', color: false }, out);
      const store = openStore(settings, timeLimits);
      const telemetry = openTelemetry(settings, log);
      const next = openNext(settings, telemetry, store, { resolve });
      const crash = (fault: string) => void crashed.push(fault);
      const options = { settings, telemetry, resource, store, next, crash, ...own };
      const hop = { ...(await runHop(options)), telemetry };
      running.push(hop);
      await hop.ready;
      return hop;
    },
    stored: (collection) => client.db(name).collection(collection).find().sort({ _id: 1 }).toArray(),
    async stop() {
      await Promise.all(running.map((hop) => hop.stop()));
      await client.db(name).dropDatabase();
      await client.close();
    },
  };
}
