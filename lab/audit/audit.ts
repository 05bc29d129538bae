/**
 * Reads a whole chain and counts what was promised against what is kept: orders → payments → shipments.
 *
 * Three passes, one for each collection, each with the neighbours of a thousand documents at a time: the memory stays
 * the same for a million orders.
 */
import { batchSize, type Chain, type Kept } from './documents.ts';
import { type Finding, type FindingKind, judgeOrder, judgePayment, judgeShipment } from './judge.ts';

/** The result of an audit. */
export interface AuditReport {
  /** Orders that are kept; each was or will be answered 200, 202 or finally 422. */
  readonly accepted: number;
  readonly completed: number;
  readonly cancelled: number;
  readonly pending: number;
  /** Documents in any collection that were put aside and wait for an operator. */
  readonly dead: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disagreement: number;
  readonly chargedNotShipped: number;
  /** Age of the oldest pending order in milliseconds; `null` when none is pending. */
  readonly oldestPendingMs: number | null;
  readonly payments: number;
  readonly shipments: number;
  /** True when no promise is broken. */
  readonly kept: boolean;
  /** The first findings, and the first dead documents as `collection/id`; at most twenty each. */
  readonly findings: readonly Finding[];
  readonly deadIds: readonly string[];
}

/** What an audit may be told beside the chain. */
export interface AuditOptions {
  /** Ids of orders that somebody was answered 200 or 202 for: one that is not kept is lost. */
  readonly acknowledged?: Iterable<string> | AsyncIterable<string>;
  readonly now?: number;
}

const examples = 20;

/** Audits a chain. It only reads, and may run beside the services. */
export async function audit(
  { orders, payments, shipments }: Chain,
  { acknowledged = [], now = Date.now() }: AuditOptions = {},
): Promise<AuditReport> {
  const states = { orders: new Map<string, number>(), payments: 0, shipments: 0 };
  const counts: Record<FindingKind, number> = {
    lost: 0,
    doubled: 0,
    disagreement: 0,
    'charged-not-shipped': 0,
  };
  const findings: Finding[] = [];
  const deadIds: string[] = [];
  let dead = 0;
  let oldest: number | undefined;

  const note = (found: readonly Finding[]) => {
    for (const one of found) counts[one.kind] += 1;
    if (findings.length < examples) findings.push(...found.slice(0, examples - findings.length));
  };
  const see = ({ _id, state }: Kept, collection: string) => {
    if (state !== 'dead') return;
    dead += 1;
    if (deadIds.length < examples) deadIds.push(`${collection}/${_id}`);
  };

  for await (const batch of orders.batches()) {
    const named = await payments.find(batch.map(({ child }) => child));
    for (const order of batch) {
      see(order, orders.name);
      states.orders.set(order.state, (states.orders.get(order.state) ?? 0) + 1);
      if (order.state === 'accepted')
        oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, order.at.getTime());
      note(judgeOrder(order, named.get(order.child ?? '')));
    }
  }
  for await (const batch of payments.batches()) {
    states.payments += batch.length;
    const parents = await orders.find(batch.map(({ parent }) => parent));
    const named = await shipments.find(batch.map(({ child }) => child));
    for (const payment of batch) {
      see(payment, payments.name);
      note(judgePayment(payment, parents.get(payment.parent ?? ''), named.get(payment.child ?? '')));
    }
  }
  for await (const batch of shipments.batches()) {
    states.shipments += batch.length;
    const parents = await payments.find(batch.map(({ parent }) => parent));
    for (const shipment of batch) {
      see(shipment, shipments.name);
      note(judgeShipment(shipment, parents.get(shipment.parent ?? '')));
    }
  }
  for await (const ids of inBatches(acknowledged)) {
    const found = await orders.find(ids);
    note(
      ids
        .filter((id) => !found.has(id))
        .map((id) => ({ kind: 'lost', id, what: `The order "${id}" was acknowledged and is not kept.` })),
    );
  }

  const count = (state: string) => states.orders.get(state) ?? 0;
  return {
    accepted: count('accepted') + count('completed') + count('cancelled') + count('dead'),
    completed: count('completed'),
    cancelled: count('cancelled'),
    pending: count('accepted'),
    dead,
    lost: counts.lost,
    doubled: counts.doubled,
    disagreement: counts.disagreement,
    chargedNotShipped: counts['charged-not-shipped'],
    oldestPendingMs: oldest === undefined ? null : Math.max(0, now - oldest),
    payments: states.payments,
    shipments: states.shipments,
    kept: Object.values(counts).every((found) => found === 0),
    findings,
    deadIds,
  };
}

async function* inBatches(ids: Iterable<string> | AsyncIterable<string>): AsyncIterable<string[]> {
  let batch: string[] = [];
  for await (const id of ids) {
    batch.push(id);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
