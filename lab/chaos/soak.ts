/**
 * A long, steady load: memory and open files of the services must not grow.
 *
 * They are read from `/proc`, so this runs on Linux only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { serviceNames } from '../../chain.ts';
import { audit } from '../audit/audit.ts';
import { toBrokenPromises } from '../audit/report.ts';
import { median } from '../measure/statistics.ts';
import { startChain } from './chain.ts';
import { startCustomers } from './customers.ts';
import type { RunWatch } from './watch.ts';

/** What to run. */
export interface SoakSettings {
  readonly seconds: number;
  readonly seed: number;
  /** New orders a second. */
  readonly rate: number;
}

/** Memory and open files of one service. */
export interface ServiceGrowth {
  readonly name: string;
  /** Medians of the second and of the last quarter of the time. */
  readonly earlyMb: number;
  readonly lateMb: number;
  readonly earlyFiles: number;
  readonly lateFiles: number;
}

/** The result of a soak run. */
export interface SoakResult {
  readonly orders: number;
  readonly services: readonly ServiceGrowth[];
  readonly violations: readonly string[];
}

/** Growth that is tolerated: the size of a heap varies, and pools open connections on demand. */
const allowed = { ratio: 1.25, mb: 30, files: 20 } as const;

/** Runs a soak. */
export async function runSoak({ seconds, seed, rate }: SoakSettings, watch: RunWatch): Promise<SoakResult> {
  const chain = await startChain({ seed });
  const services = serviceNames.map((name) => ({
    name,
    mb: [] as number[],
    files: [] as number[],
  }));
  try {
    const customers = startCustomers({
      url: chain.url,
      seed,
      rate,
      maxActive: 200,
      maxOrders: rate * seconds,
    });
    const unfollow = watch.follow(customers);
    watch.phase('steady load');
    const endsAt = performance.now() + seconds * 1000;
    while (performance.now() < endsAt) {
      await wait(Math.min(1000, (seconds * 1000) / 40));
      for (const { name, mb, files } of services) {
        const pid = chain.processes[name].pid;
        mb.push(residentMb(pid));
        files.push(readdirSync(`/proc/${pid}/fd`).length);
      }
    }
    watch.phase('the last orders end');
    await customers.finish(30_000);
    unfollow();
    const { collections, close } = await chain.openCollections();
    const report = await audit(collections);
    await close();

    const endurances = services.map(({ name, mb, files }) => ({
      name,
      earlyMb: median(quarter(mb, 1)),
      lateMb: median(quarter(mb, 3)),
      earlyFiles: median(quarter(files, 1)),
      lateFiles: median(quarter(files, 3)),
    }));
    return {
      orders: customers.orders.length,
      services: endurances,
      violations: [
        ...customers.violations,
        ...toBrokenPromises(report, 'the database'),
        ...endurances.flatMap(findGrowth),
      ],
    };
  } finally {
    await chain.stop();
  }
}

function findGrowth({ name, earlyMb, lateMb, earlyFiles, lateFiles }: ServiceGrowth): string[] {
  return [
    ...(lateMb > earlyMb * allowed.ratio && lateMb > earlyMb + allowed.mb
      ? [`${name} grew from ${earlyMb} to ${lateMb} MB`]
      : []),
    ...(lateFiles > earlyFiles + allowed.files
      ? [`${name} went from ${earlyFiles} to ${lateFiles} files`]
      : []),
  ];
}

function residentMb(pid: number | undefined): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) / 1024);
}

function quarter(values: readonly number[], index: number): readonly number[] {
  const size = Math.floor(values.length / 4);
  return values.slice(index * size, (index + 1) * size);
}
