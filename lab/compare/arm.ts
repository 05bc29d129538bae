/**
 * One chain's part of a comparison: a short warm-up, then orders at their due times with the fault in between, then the
 * wait until nothing is pending, and the audit.
 *
 * Open loop: an order is sent when it is due, whatever became of those before it, and its latency counts from then.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '@holdfast/shared/core/until.ts';
import { type Acknowledged, toAcknowledged } from '../audit/acknowledged.ts';
import type { AuditReport } from '../audit/audit.ts';
import { createChaosOrder } from '../chaos/orders.ts';
import { createWireClient } from '../chaos/wire-client.ts';
import { auditAtEnd } from '../proxies/audit-at-end.ts';
import type { ArmAudit, ArmName, ArmReport, CallCounts } from '../server/comparison.ts';
import type { ComparedChain } from './chain.ts';
import { type Watch, watchChain } from './observe.ts';
import type { ComparisonPlan } from './plan.ts';
import { createTally, type Tally } from './tally.ts';

/** One chain in a comparison. */
export interface Arm {
  readonly phase: 'starting' | 'running' | 'settling' | 'done';
  /** Since the first moment; 0 before. */
  readonly atMs: number;
  /** How late each order was sent. */
  readonly lateMs: readonly number[];
  report(): ArmReport;
  /** Sends a few orders, so that no figure is that of a cold process. */
  warmUp(): Promise<void>;
  /** Runs all of it; `startAt` is the first moment on the clock of `performance.now()`. */
  run(startAt: number): Promise<void>;
}

/** Orders of the warm-up, one after the other. */
const warmUpOrders = 30;
/** Longer than any service may take. */
const patienceMs = 10_000;
/** Longer than a call may take. */
const quietMs = 5000;
/** How long pending documents are waited for. */
const settleMs = 40_000;
/** A fault that nobody ends, because this process was killed, ends by itself. */
const spareMs = 5000;
const shownFindings = 5;

/** Prepares the part of one chain; `chain` is there when `warmUp` is called. */
export function createArm(name: ArmName, plan: ComparisonPlan, chain: () => ComparedChain): Arm {
  const tally: Tally = createTally(plan.outage);
  const lateMs: number[] = [];
  const acknowledged = new Map<string, Acknowledged>();
  let phase: Arm['phase'] = 'starting';
  let startedAt: number | undefined;
  let endedAtMs: number | undefined;
  let atStart: CallCounts = { sent: 0, wasted: 0, rejected: 0 };
  let atEnd: CallCounts | undefined;
  let settledAtMs: number | null = null;
  let audit: ArmAudit | null = null;

  const atMs = () => endedAtMs ?? (startedAt === undefined ? 0 : Math.max(0, performance.now() - startedAt));

  return {
    get phase() {
      return phase;
    },
    get atMs() {
      return Math.round(atMs());
    },
    lateMs,
    report() {
      const { calls, ...figures } = tally.report();
      return {
        arm: name,
        ...figures,
        callsBefore: atStart,
        calls: atEnd === undefined ? { sent: 0, rejected: 0, ...calls } : subtract(atEnd, atStart),
        settledAtMs,
        audit,
      };
    },
    async warmUp() {
      const client = createWireClient({ url: chain().urls.order, connections: 'kept', patienceMs });
      for (let count = 1; count <= warmUpOrders; count += 1) await order(client, `warm-${count}`);
      client.close();
    },
    async run(startAt) {
      const { urls, mongoUrl, countCalls } = chain();
      atStart = await countCalls();
      const watch = watchChain(urls, plan.broken, () => observe(watch));
      try {
        await wait(Math.max(0, startAt - performance.now()));
        startedAt = startAt;
        phase = 'running';
        await Promise.all([sendOrders(startAt), breakAndHeal(startAt)]);
        phase = 'settling';
        const report = await auditAtEnd(mongoUrl, acknowledged.values(), settleMs);
        // A call may outlive what it was for: another attempt has completed that meanwhile.
        const isQuiet = () => watch.view().inFlight === 0;
        await until('no call is under way', isQuiet, { withinMs: quietMs }).catch(() => undefined);
        atEnd = await countCalls();
        settledAtMs = report.oldestPendingMs === null ? Math.round(atMs()) : null;
        audit = toArmAudit(report);
        const { state, pending } = watch.view();
        tally.observe(atMs(), {
          ...{ wasted: atEnd.wasted - atStart.wasted, inFlight: 0, state },
          pending: settledAtMs === null ? pending : 0,
        });
      } finally {
        watch.stop();
      }
      endedAtMs = atMs();
      phase = 'done';
    },
  };

  function observe(watch: Watch): void {
    if (phase !== 'running' && phase !== 'settling') return;
    const { wasted, ...rest } = watch.view();
    tally.observe(atMs(), { ...rest, wasted: Math.max(0, wasted - atStart.wasted) });
  }

  async function sendOrders(startAt: number): Promise<void> {
    const client = createWireClient({ url: chain().urls.order, connections: 'kept', patienceMs });
    const sent: Promise<void>[] = [];
    for (const [index, dueMs] of plan.dues.entries()) {
      const aheadMs = startAt + dueMs - performance.now();
      if (aheadMs > 0) await wait(aheadMs);
      lateMs.push(Math.max(0, performance.now() - startAt - dueMs));
      sent.push(
        order(client, `order-${index + 1}`).then((status) =>
          tally.answer({ dueMs, ms: performance.now() - startAt - dueMs, status }),
        ),
      );
    }
    await Promise.all(sent);
    client.close();
  }

  async function breakAndHeal(startAt: number): Promise<void> {
    const { broken, fault, outage } = plan;
    const moment = (ms: number) => wait(Math.max(0, startAt + ms - performance.now()));
    await moment(outage.fromMs);
    await chain().breakService(broken, fault, outage.toMs - outage.fromMs + spareMs);
    await moment(outage.toMs);
    await chain().healService(broken);
  }

  async function order(client: ReturnType<typeof createWireClient>, id: string): Promise<number> {
    const status = await client.post('/create', JSON.stringify(createChaosOrder(id)));
    const told = status === 200 || status === 202 ? toAcknowledged(id, status) : undefined;
    if (told !== undefined) acknowledged.set(id, told);
    return status;
  }
}

function subtract(end: CallCounts, start: CallCounts): CallCounts {
  return {
    sent: end.sent - start.sent,
    wasted: end.wasted - start.wasted,
    rejected: end.rejected - start.rejected,
  };
}

function toArmAudit({ accepted, completed, pending, lost, doubled, findings }: AuditReport): ArmAudit {
  const said = findings.slice(0, shownFindings).map(({ what }) => what);
  return { accepted, completed, pending, lost, doubled, findings: said };
}
