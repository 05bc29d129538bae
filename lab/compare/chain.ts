/**
 * One chain of a comparison: an embedded database and one instance of each service, on free ports of loopback and in a
 * temporary folder. They end with this process.
 */
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BreakersAnswer } from '@holdfast/shared/observability/wire.ts';
import { forEachService, nextOf, type ServiceName, serviceNames } from '../../chain.ts';
import { findFreePorts } from '../processes/ports.ts';
import { createChainHost } from '../proxies/chain-host.ts';
import type { CallCounts } from '../server/comparison.ts';
import type { HttpCalls } from '../server/http-call.ts';
import type { ArmPlan, FaultPlan } from './plan.ts';

/** A running chain. */
export interface ComparedChain {
  /** Where each service listens. */
  readonly urls: Readonly<Record<ServiceName, string>>;
  readonly mongoUrl: string;
  /** Sets the fault of a service; it ends by itself after `ttlMs`. */
  breakService(service: ServiceName, fault: FaultPlan, ttlMs: number): Promise<void>;
  healService(service: ServiceName): Promise<void>;
  /** The present counts of all breakers, from `/breakers` of each service. */
  countCalls(): Promise<CallCounts>;
  /** Ends every process and removes the folder. */
  stop(): Promise<void>;
}

const timeoutMs = 5000;
const faultName = 'comparison';
const folderPrefix = 'holdfast-compare-';

/** Starts a chain; every breaker is bypassed where the plan says so. */
export async function startComparedChain(
  { arm, env, isBypassed }: ArmPlan,
  calls: HttpCalls,
): Promise<ComparedChain> {
  const ports = await findFreePorts(serviceNames.length);
  const portOf = (name: ServiceName) => ports[serviceNames.indexOf(name)] ?? 0;
  const urls = forEachService(({ name }) => `http://127.0.0.1:${portOf(name)}`);
  const host = await createChainHost(`${folderPrefix}${process.pid}-`);
  try {
    await host.start(
      serviceNames.map((name) => {
        const next = nextOf(name);
        const chaining = next === undefined ? {} : { CHAIN_SVC: `${urls[next]}/create`, NEXT_NAME: next };
        return { service: name, name: `${name}-${arm}`, port: portOf(name), env: { ...env, ...chaining } };
      }),
    );
    if (isBypassed) await bypass();
  } catch (error) {
    await host.stop();
    throw error;
  }

  return {
    urls,
    mongoUrl: host.mongoUrl,
    async breakService(service, fault, ttlMs) {
      await change('PUT', `${urls[service]}/faults/${faultName}`, { ...fault, ttlMs });
    },
    async healService(service) {
      await change('DELETE', `${urls[service]}/faults/${faultName}`, {});
    },
    countCalls,
    stop: host.stop,
  };

  async function bypass(): Promise<void> {
    for (const [url, { breakers }] of await readBreakers())
      for (const { name } of breakers)
        await change('PATCH', `${url}/breakers/${encodeURIComponent(name)}`, { force: 'disabled' });
  }

  async function countCalls(): Promise<CallCounts> {
    const reports = (await readBreakers()).flatMap(([, { breakers }]) => breakers);
    return sumCalls(reports);
  }

  function readBreakers(): Promise<[url: string, answer: BreakersAnswer][]> {
    return Promise.all(
      Object.values(urls).map(async (url) => {
        const { body } = await calls.call({ method: 'GET', url: `${url}/breakers`, timeoutMs });
        return [url, JSON.parse(body.toString()) as BreakersAnswer] as [string, BreakersAnswer];
      }),
    );
  }

  async function change(method: string, url: string, value: object): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await calls.call({ method, url, headers, body: JSON.stringify(value), timeoutMs });
    if (answer.status >= 300) throw new Error(`${method} ${url} was answered ${answer.status}.`);
  }
}

/** Sums the counts of breakers. */
export function sumCalls(breakers: BreakersAnswer['breakers']): CallCounts {
  const sum = (...outcomes: (keyof (typeof breakers)[number]['counts'])[]) =>
    breakers.reduce((total, { counts }) => outcomes.reduce((all, one) => all + counts[one], total), 0);
  return {
    sent: sum('success', 'failure', 'timeout', 'ignored'),
    wasted: sum('failure', 'timeout'),
    rejected: sum('rejected', 'saturated'),
  };
}

/** Removes the folders of comparisons that were killed before they could. */
export function removeLeftFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
