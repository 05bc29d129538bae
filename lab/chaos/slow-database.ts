/**
 * A database that is too slow for a while: every operation is carried out, and acknowledged after the services'
 * time-out. After that, every order must have ended exactly once, as its customer was answered, and none be dead.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditReport } from '../audit/audit.ts';
import { startChain } from './chain.ts';
import { startCustomers } from './customers.ts';
import { drain, judge } from './run.ts';
import { type RunWatch, unwatched } from './watch.ts';

/** What to run. */
export interface SlowDatabaseSettings {
  /** How long it is slow. */
  readonly seconds: number;
  readonly seed: number;
  /** New orders a second. */
  readonly rate: number;
  /** Time for pending orders after the delay has ended. */
  readonly drainMs?: number;
}

/** The result of a run. */
export interface SlowDatabaseResult {
  readonly seconds: number;
  readonly seed: number;
  readonly orders: number;
  readonly acknowledged: number;
  readonly answers: Readonly<Record<string, number>>;
  /** Operations that were delayed. */
  readonly delayed: number;
  /** Seconds from the end of the delay until nothing was pending. */
  readonly drainSeconds: number;
  readonly audit: AuditReport;
  readonly violations: readonly string[];
  /** Where the logs are, after a violation. */
  readonly logs: string | undefined;
}

/** Longer than a service waits for an operation; see database.ts. */
export const tooSlowMs = 1250;
/** Time before it becomes slow, so that orders are in progress. */
const warmMs = 2000;
/** Share of the time in which only the disk is slow; in the rest the whole link is, which looks like an outage. */
const diskRatio = 0.75;

/** Runs it. Its processes have ended when it resolves. */
export async function runSlowDatabase(
  { seconds, seed, rate, drainMs = 60_000 }: SlowDatabaseSettings,
  watch: RunWatch = unwatched,
): Promise<SlowDatabaseResult> {
  const chain = await startChain({ seed });
  let violations: readonly string[] = ['it did not come to an end'];
  try {
    const maxOrders = Math.ceil(rate * seconds);
    const customers = startCustomers({ url: chain.url, seed, rate, maxActive: 200, maxOrders });
    const unfollow = watch.follow(customers);
    await wait(warmMs);
    const from = Date.now();
    watch.phase('the disk of the database is slow');
    chain.databaseLink.slow(tooSlowMs, 'disk');
    await wait(seconds * 1000 * diskRatio);
    watch.phase('the whole link to the database is slow');
    chain.databaseLink.slow(tooSlowMs, 'link');
    await wait(seconds * 1000 * (1 - diskRatio));

    chain.databaseLink.slow(0);
    watch.journal.mark({ from, to: Date.now(), label: 'slow database', tone: 'fault' });
    watch.phase('the database is fast again, the last orders end');
    const healedAt = performance.now();
    await customers.finish(drainMs);
    const audit = await drain(chain, customers, drainMs);
    unfollow();
    const drainSeconds = (performance.now() - healedAt) / 1000;
    const delayed = chain.databaseLink.delayed();
    const acknowledged = customers.orders.filter((order) => order.acknowledged).length;
    violations = [
      ...customers.violations,
      ...(await judge(chain, customers, audit)),
      ...(delayed >= seconds ? [] : [`Only ${delayed} operations were delayed; the run means nothing.`]),
      ...(acknowledged >= maxOrders / 2 ? [] : [`Only ${acknowledged} orders were acknowledged.`]),
    ];
    return {
      seconds,
      seed,
      orders: customers.orders.length,
      acknowledged,
      answers: Object.fromEntries([...customers.answers].map(([status, count]) => [`${status}`, count])),
      delayed,
      drainSeconds,
      audit,
      violations,
      logs: violations.length > 0 ? chain.folder : undefined,
    };
  } finally {
    await chain.stop({ keepLogs: violations.length > 0 });
  }
}
