/**
 * Ten times the load that a chain can carry, open loop: what it does carry must not suffer, and the rest must be told
 * at once. The customers are a process of their own, and nothing stands between two hops that the run does not need.
 */
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '@holdfast/shared/core/until.ts';
import { audit } from '../audit/audit.ts';
import { toBrokenPromises } from '../audit/report.ts';
import { startChain } from './chain.ts';
import type { CustomersOrder, CustomersReport } from './overload-customers.ts';

/** Who is slow during the overload, and before it when the capacity is measured. */
export const slowParts = ['nobody', 'neighbour', 'database'] as const;

/** One of those. */
export type SlowPart = (typeof slowParts)[number];

/** What to run. */
export interface OverloadSettings {
  readonly seconds: number;
  readonly seed: number;
  readonly slow: SlowPart;
}

/** What an overload brought. */
export interface OverloadResult extends CustomersReport {
  readonly slow: SlowPart;
  /** Processes that wanted a core during the last minute, the run's own included. */
  readonly machineLoad: number;
  readonly violations: readonly string[];
}

/** The usual settings, since a bound on the work in progress only means something with the usual times. */
const usual = {
  REQUEST_TIMEOUT_MS: '4000',
  ATTEMPT_TIMEOUT_MS: '1500',
  BREAKER_OPEN_MS: '10000',
  BREAKER_WINDOW_MS: '10000',
  BREAKER_OPEN_MAX_MS: '60000',
};
const times = 10;
const customers = fileURLToPath(new URL('./overload-customers.ts', import.meta.url));
/** What a slow part adds to each call to it. */
const slowMs = { nobody: 0, neighbour: 150, database: 20 } as const;

/** Runs the overload. */
export async function runOverload({ seconds, seed, slow }: OverloadSettings): Promise<OverloadResult> {
  const chain = await startChain({ seed, env: usual, isDirect: slow !== 'neighbour' });
  try {
    if (slow === 'neighbour') chain.proxies.payment.slow(slowMs.neighbour);
    if (slow === 'database') chain.databaseLink.slow(slowMs.database, 'disk');
    const order: CustomersOrder = { url: chain.url, seed, seconds, times };
    const { stdout } = await promisify(execFile)(process.execPath, [customers, JSON.stringify(order)]);
    const seen = JSON.parse(stdout) as CustomersReport;
    const [machineLoad = 0] = loadavg();
    chain.proxies.payment.slow(0);
    chain.databaseLink.slow(0);

    const { collections, close } = await chain.openCollections();
    const report = await until(
      'nothing is pending',
      async () => {
        const now = await audit(collections);
        return now.pending === 0 && now;
      },
      { withinMs: 60_000, everyMs: 250 },
    ).catch(() => audit(collections));
    await close();
    const broken = toBrokenPromises(report, 'the database');
    if (report.pending > 0) broken.push(`${report.pending} orders are still pending`);
    return { slow, machineLoad, ...seen, violations: [...broken, ...findMissedGoals(seen)] };
  } finally {
    await chain.stop();
  }
}

function findMissedGoals(seen: CustomersReport): string[] {
  const goals: readonly (readonly [boolean, string])[] = [
    [seen.goodput >= 0.95 * seen.capacity, 'the goodput is under 95 % of the capacity'],
    [seen.refusedP50Ms < 50, 'half of the refusals took 50 ms or longer'],
    [seen.admittedP99Ms <= 3 * seen.calmP99Ms, 'the p99 of the admitted is over three times the calm one'],
    [seen.normalAfterMs <= 2000, 'it was not normal again within 2 s'],
  ];
  return goals.flatMap(([isReached, miss]) => (isReached ? [] : miss));
}
