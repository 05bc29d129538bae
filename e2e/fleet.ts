/**
 * A chain with several instances of each service, every one a process of its own that a test starts and ends by itself.
 * They find each other by multicast DNS on the loopback, in a group of their own.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@holdfast/shared/core/until.ts';
import { MongoClient } from 'mongodb';
import { forEachService, nextOf, type ServiceName, serviceNames } from '../chain.ts';
import { toAcknowledged } from '../lab/audit/acknowledged.ts';
import { type AuditReport, audit } from '../lab/audit/audit.ts';
import { openChain } from '../lab/audit/documents.ts';
import type { Child } from '../lab/processes/child.ts';
import { findFreePorts } from '../lab/processes/ports.ts';
import { ask } from './requests.ts';
import { type Env, isAlive, runNode } from './run-process.ts';

/** One instance. */
export interface Member {
  readonly service: ServiceName;
  readonly url: string;
  /** The process that it runs in now. */
  pid(): number;
  signal(signal: NodeJS.Signals): void;
  /** Starts it, on the same port as before; resolves when it is ready. */
  start(): Promise<void>;
  /** Asks it to leave, as a supervisor does; resolves when it has left. */
  leave(): Promise<void>;
}

/** What a front door says of one breaker. */
export interface SeenBreaker {
  readonly name: string;
  readonly state: string;
  readonly counts: Readonly<Record<'success' | 'failure' | 'timeout', number>>;
}

/** A fleet that runs. */
export interface Fleet {
  /** The instances of a service, in the sequence in which they were added. */
  of(service: ServiceName): Member[];
  /** Adds an instance; resolves when it is ready. */
  add(service: ServiceName): Promise<Member>;
  /** The breakers of an instance. */
  breakersOf(member: Member): Promise<SeenBreaker[]>;
  /** Resolves when every caller lets calls pass to exactly the instances that run. */
  allSeen(): Promise<void>;
  /** Waits until nothing is pending, and audits what is kept against what was answered. */
  audit(answers: Iterable<{ readonly id: string; readonly status: number | null }>): Promise<AuditReport>;
  stop(): Promise<void>;
}

const folders = forEachService(({ folder }) => folder);

/** Starts `counts` instances of each service, one of those that are not named, and a database. */
export async function startFleet(
  counts: Readonly<Partial<Record<ServiceName, number>>>,
  env: Env = {},
): Promise<Fleet> {
  const group = `fleet-${randomUUID().slice(0, 8)}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-fleet-'));
  const database = runNode('embedded-mongo/src/main.ts', { MONGO_PORT: '0', MONGO_DATA_DIR: dataDir });
  const members: Member[] = [];
  const MONGO_URL = (await database.says('ready ')).slice('ready '.length);
  const client = new MongoClient(MONGO_URL);

  const fleet: Fleet = {
    of: (service) => members.filter((member) => member.service === service),
    async add(service) {
      const [port = 0] = await findFreePorts(1);
      const member = createMember(service, port);
      members.push(member);
      await member.start();
      return member;
    },
    async breakersOf({ url }) {
      return (await ask(`${url}/breakers`)).body.breakers as SeenBreaker[];
    },
    async allSeen() {
      await until('every caller sees the instances that run', areAllSeen, { withinMs: 20_000, everyMs: 100 });
    },
    async audit(answers) {
      const chain = openChain(client.db('holdfast'));
      const acknowledged = [...answers].flatMap(({ id, status }) => toAcknowledged(id, status) ?? []);
      return until(
        'nothing is pending',
        async () => {
          const report = await audit(chain, { acknowledged });
          return report.oldestPendingMs === null && report;
        },
        { withinMs: 20_000, everyMs: 100 },
      );
    },
    async stop() {
      await client.close();
      await Promise.all(members.filter((member) => isAlive(member.pid())).map((member) => member.leave()));
      database.signal('SIGTERM');
      await database.ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  await Promise.all(
    serviceNames
      .toReversed()
      .flatMap((service) => Array.from({ length: counts[service] ?? 1 }, () => fleet.add(service))),
  ).catch(async (error: unknown) => {
    await fleet.stop();
    throw error;
  });
  await fleet.allSeen();
  return fleet;

  function createMember(service: ServiceName, port: number): Member {
    let process: Child | undefined;
    const url = `http://127.0.0.1:${port}`;
    return {
      service,
      url,
      pid: () => process?.pid ?? 0,
      signal: (signal) => process?.signal(signal),
      async start() {
        const towards = nextOf(service);
        process = runNode(`${folders[service]}/src/main.ts`, {
          ID: service,
          PORT: `${port}`,
          MONGO_URL,
          CHAIN_SVC: towards && `local+http://${towards}/create`,
          DISCOVERY: '1',
          DISCOVERY_GROUP: group,
          DRAIN_MS: '250',
          LAB: '1',
          LOG_LEVEL: 'warn',
          ...env,
        });
        await process.says('ready ');
      },
      async leave() {
        process?.signal('SIGTERM');
        process?.signal('SIGCONT');
        await process?.ended;
      },
    };
  }

  async function areAllSeen(): Promise<boolean> {
    const callers = members.filter(({ service, pid }) => nextOf(service) !== undefined && isAlive(pid()));
    const seen = await Promise.all(
      callers.map(async (caller) => {
        const open = (await fleet.breakersOf(caller)).filter(({ state }) => state === 'closed');
        const there = fleet.of(nextOf(caller.service) as ServiceName).filter(({ pid }) => isAlive(pid()));
        const hosts = there.map(
          ({ url }) => `${caller.service}→${nextOf(caller.service)}@${new URL(url).host}`,
        );
        return open.length === hosts.length && open.every(({ name }) => hosts.includes(name));
      }),
    );
    return !seen.includes(false);
  }
}
