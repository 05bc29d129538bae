/**
 * Ten times the load that a chain can carry, open loop: goodput must not collapse, and excess orders must be refused at
 * once. The customers are a process of their own, and proxies stand between hops only where the run needs them.
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
import type { RunWatch } from './watch.ts';
import type { ConnectionKind } from './wire-client.ts';

/** What is slow, during the overload and during the measurement of the capacity before it. */
export const slowParts = ['nobody', 'neighbour', 'database'] as const;

/** One of those. */
export type SlowPart = (typeof slowParts)[number];

/** What to run. */
export interface OverloadSettings {
  readonly seconds: number;
  readonly seed: number;
  readonly slow: SlowPart;
  readonly connections: ConnectionKind;
}

/** The result of an overload run. */
export interface OverloadResult extends CustomersReport {
  readonly slow: SlowPart;
  readonly connections: ConnectionKind;
  /** The load average of the last minute, the run's own processes included. */
  readonly machineLoad: number;
  readonly violations: readonly string[];
}

/** The default time-outs, since a limit on the work in progress depends on them. */
const usual = {
  REQUEST_TIMEOUT_MS: '4000',
  ATTEMPT_TIMEOUT_MS: '1500',
  BREAKER_OPEN_MS: '10000',
  BREAKER_WINDOW_MS: '10000',
  BREAKER_OPEN_MAX_MS: '60000',
};
const times = 10;
/** The p99 of the customers' own delay beyond which a run says nothing. */
const mostLateMs = 100;
const customers = fileURLToPath(new URL('./overload-customers.ts', import.meta.url));
/** Delay that is added to each call to the slow part. */
const slowMs = { nobody: 0, neighbour: 150, database: 20 } as const;

/** Runs the overload. */
export async function runOverload(settings: OverloadSettings, watch: RunWatch): Promise<OverloadResult> {
  const { seconds, seed, slow, connections } = settings;
  const chain = await startChain({ seed, env: usual, isDirect: slow !== 'neighbour' });
  try {
    if (slow === 'neighbour') chain.proxies.payment.slow(slowMs.neighbour);
    if (slow === 'database') chain.databaseLink.slow(slowMs.database, 'disk');
    watch.phase('its capacity is measured, then ten times as much is sent');
    const order: CustomersOrder = { url: chain.url, seed, seconds, times, connections };
    const { stdout } = await promisify(execFile)(process.execPath, [customers, JSON.stringify(order)]);
    const seen = JSON.parse(stdout) as CustomersReport;
    const [machineLoad = 0] = loadavg();
    chain.proxies.payment.slow(0);
    chain.databaseLink.slow(0);

    watch.phase('the last orders end');
    const { collections, close } = await chain.openCollections();
    const report = await until(
      'nothing is pending',
      async () => {
        const now = await audit(collections);
        return now.oldestPendingMs === null && now;
      },
      { withinMs: 60_000, everyMs: 250 },
    ).catch(() => audit(collections));
    await close();
    const broken = toBrokenPromises(report, 'the database');
    if (report.pending > 0) broken.push(`${report.pending} orders are still pending`);
    return { slow, connections, machineLoad, ...seen, violations: [...broken, ...findMissedGoals(seen)] };
  } finally {
    await chain.stop();
  }
}

function findMissedGoals({
  capacity,
  calm,
  goodput,
  refused,
  admitted,
  polite,
  normalAfterMs,
  late,
}: CustomersReport): string[] {
  // Nobody can say what the chain did to orders that were sent late.
  if (late.p99 > mostLateMs) return [`the customers sent late themselves, by ${Math.round(late.p99)} ms`];
  const goals: readonly (readonly [boolean, string])[] = [
    [goodput >= 0.95 * capacity, 'the goodput is under 95 % of the capacity'],
    [refused.p50 < 50, 'half of the refusals took 50 ms or longer'],
    [refused.p99 < 500, 'one in a hundred refusals took 500 ms or longer'],
    [admitted.p99 <= 3 * calm.p99, 'the p99 of the admitted is over three times the calm one'],
    [
      (polite.answers[200] ?? 0) >= 0.95 * sum(polite.answers),
      'of the polite orders over 5 % were not completed',
    ],
    [normalAfterMs <= 2000, 'it was not normal again within 2 s'],
  ];
  return goals.flatMap(([isReached, miss]) => (isReached ? [] : miss));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
