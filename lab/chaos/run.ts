/**
 * A chaos run: customers order while processes are killed and requests lost; after the faults end, every order must
 * have ended exactly once, as its customer was answered.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Acknowledged, toAcknowledged } from '../audit/acknowledged.ts';
import type { AuditReport } from '../audit/audit.ts';
import { auditWhenFinal } from '../audit/audit-when-final.ts';
import { toBrokenPromises } from '../audit/report.ts';
import { createRandom } from '../measure/random.ts';
import { startChain, type TestChain } from './chain.ts';
import { type Customers, startCustomers, type TrackedOrder } from './customers.ts';
import { type Disruptions, startMonkey } from './monkey.ts';
import { endOf } from './orders.ts';
import { type FaultKind, type FaultRatios, faultKinds } from './proxy.ts';
import { type RunWatch, unwatched } from './watch.ts';

/** What to run. */
export interface ChaosSettings {
  readonly seconds: number;
  readonly seed: number;
  /** New orders a second. */
  readonly rate?: number;
  readonly faults?: FaultRatios;
  /** Time for pending orders after the faults have ended. */
  readonly drainMs?: number;
}

/** The result of a run. */
export interface ChaosResult {
  readonly seconds: number;
  readonly seed: number;
  readonly orders: number;
  readonly acknowledged: number;
  /** Orders per second that ended during the faults. */
  readonly throughput: number;
  readonly answers: Customers['answers'];
  readonly disruptions: Disruptions;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Seconds from the end of the faults until nothing was pending. */
  readonly drainSeconds: number;
  readonly audit: AuditReport;
  readonly violations: readonly string[];
  /** Where the logs are, after a violation. */
  readonly logs: string | undefined;
}

/** Shares of the requests between two hops; together about a fifth. */
export const usualFaults: FaultRatios = {
  'lose-request': 0.03,
  'lose-answer': 0.04,
  delay: 0.04,
  duplicate: 0.03,
  'late-duplicate': 0.03,
  'deliver-late': 0.02,
  truncate: 0.03,
  stranger: 0.004,
};

/** Runs it. Its processes have ended when it resolves. */
export async function runChaos(
  { seconds, seed, rate = 40, faults = usualFaults, drainMs = 60_000 }: ChaosSettings,
  watch: RunWatch = unwatched,
): Promise<ChaosResult> {
  const chain = await startChain({ seed });
  let violations: readonly string[] = ['it did not come to an end'];
  try {
    for (const proxy of Object.values(chain.proxies)) proxy.setFaults(faults);
    const maxOrders = Math.ceil(rate * seconds);
    const customers = startCustomers({ url: chain.url, seed, rate, maxActive: 200, maxOrders });
    const monkey = startMonkey(chain, createRandom(seed + 100), watch.journal);
    const unfollow = watch.follow(customers);
    watch.phase('processes are killed and messages lost');
    await wait(seconds * 1000);

    const ended = customers.orders.filter(({ final }) => final !== undefined).length;
    const healedAt = performance.now();
    watch.phase('the faults have ended, the last orders end');
    for (const proxy of Object.values(chain.proxies)) proxy.setFaults({});
    await monkey.stop();
    await customers.finish(drainMs);
    await Promise.all(Object.values(chain.proxies).map((proxy) => proxy.lateDelivered()));
    const report = await drain(chain, customers, drainMs);
    unfollow();
    const drainSeconds = (performance.now() - healedAt) / 1000;

    violations = [
      ...customers.violations,
      ...(await judge(chain, customers, report)),
      ...monkey.disruptions.unexpectedExits,
    ];
    return {
      seconds,
      seed,
      orders: customers.orders.length,
      acknowledged: customers.orders.filter(({ acknowledged }) => acknowledged).length,
      throughput: ended / seconds,
      answers: customers.answers,
      disruptions: monkey.disruptions,
      faults: sumFaults(chain),
      drainSeconds,
      audit: report,
      violations,
      logs: violations.length > 0 ? chain.folder : undefined,
    };
  } finally {
    await chain.stop({ keepLogs: violations.length > 0 });
  }
}

/** Waits until nothing is pending, and audits; what is still pending then is a violation of its own. */
export async function drain(chain: TestChain, { orders }: Customers, withinMs: number): Promise<AuditReport> {
  const { collections, close } = await chain.openCollections();
  try {
    return await auditWhenFinal(collections, orders.flatMap(toAcknowledgements), withinMs);
  } finally {
    await close();
  }
}

/** The acknowledged orders, for the audit. */
function toAcknowledgements({ id, acknowledged, final }: TrackedOrder): Acknowledged[] {
  const told = acknowledged ? toAcknowledged(id, final?.status ?? 202) : undefined;
  return told === undefined ? [] : [told];
}

/** Compares the final state of each order with the one that its kind requires. */
export async function judge(chain: TestChain, { orders }: Customers, report: AuditReport): Promise<string[]> {
  const violations = toBrokenPromises(report, 'the database');
  const { collections, close } = await chain.openCollections();
  const kept = new Map<string, string>();
  for await (const batch of collections[0]?.batches() ?? [])
    for (const { _id, state } of batch) kept.set(_id, state);
  await close();
  for (const { id, kind, acknowledged } of orders) {
    const state = kept.get(id);
    if (!acknowledged && state === undefined) continue;
    if (state !== endOf(kind)) violations.push(`"${id}" (${kind}) ended ${state}`);
  }
  return violations;
}

function sumFaults({ proxies }: TestChain): Record<FaultKind, number> {
  const sum = (kind: FaultKind) =>
    Object.values(proxies).reduce((total, { counts }) => total + counts[kind], 0);
  return Object.fromEntries(faultKinds.map((kind) => [kind, sum(kind)])) as Record<FaultKind, number>;
}
