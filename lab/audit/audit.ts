/**
 * Reads a whole chain and counts what was promised against what is kept, in every collection of the chain.
 *
 * One pass for what was acknowledged, then one for each collection, each with the neighbours of a thousand documents at
 * a time: the memory stays the same for a million orders.
 */
import type { chain as services } from '../../chain.ts';
import type { Acknowledged } from './acknowledged.ts';
import { batchSize, type Chain, type Kept, type Shelf } from './documents.ts';
import {
  type Finding,
  type FindingKind,
  findingKinds,
  judgeAcknowledged,
  judgeDocument,
  judgeWaiting,
  toKeys,
} from './judge.ts';

/** How many documents each service behind the front door keeps. */
export type PartCounts = Readonly<Record<Exclude<Plural, (typeof services)[0]['plural']>, number>>;
type Plural = (typeof services)[number]['plural'];

/** The result of an audit. */
export interface AuditReport extends PartCounts {
  /** Orders that are kept; each was or will be answered 200, 202 or finally 422. */
  readonly accepted: number;
  readonly completed: number;
  readonly cancelled: number;
  readonly pending: number;
  /** Documents in any collection that were put aside and wait for an operator. */
  readonly dead: number;
  /** Documents in any collection that have been pending for longer than the limit. */
  readonly overdue: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disagreement: number;
  readonly chargedNotShipped: number;
  /** Age of the oldest pending document in milliseconds; `null` when none is pending. */
  readonly oldestPendingMs: number | null;
  /** Orders that had to be there: with fewer it is perhaps another database. */
  readonly atLeast: number;
  /** True when every promise is kept: nothing was found, and enough was there to be looked at. */
  readonly kept: boolean;
  /** The first findings of each kind, and the first dead documents as `collection/id`; at most twenty each. */
  readonly findings: readonly Finding[];
  readonly deadIds: readonly string[];
}

/** What an audit may be told beside the chain. */
export interface AuditOptions {
  /** What somebody was answered: an order that is not kept is lost, one that ended otherwise is a disagreement. */
  readonly acknowledged?: Iterable<Acknowledged> | AsyncIterable<Acknowledged>;
  /** Orders that must be there. @default 1 */
  readonly atLeast?: number;
  /** Milliseconds for which a document may be pending. @default 60,000 */
  readonly pendingLimitMs?: number;
  readonly now?: number;
}

/** How long a document may be pending when nothing else is said: what the services warn of in their log. */
export const usualPendingLimitMs = 60_000;

const examples = 20;

/** Audits a chain. It only reads, and may run beside the services. */
export async function audit(
  chain: Chain,
  {
    acknowledged = [],
    atLeast = 1,
    pendingLimitMs: limitMs = usualPendingLimitMs,
    now = Date.now(),
  }: AuditOptions = {},
): Promise<AuditReport> {
  const [orders, ...others] = chain;
  if (orders === undefined) throw new TypeError('A chain has at least one service.');
  const states = new Map<string, number>();
  const parts = Object.fromEntries(others.map(({ link }) => [link.service.plural, 0])) as Record<
    string,
    number
  >;
  const found = Object.fromEntries(findingKinds.map((kind) => [kind, [] as Finding[]])) as Found;
  const counts = Object.fromEntries(findingKinds.map((kind) => [kind, 0])) as Record<FindingKind, number>;
  const deadIds: string[] = [];
  let oldest = Number.POSITIVE_INFINITY;

  const note = (findings: readonly Finding[]) => {
    for (const one of findings) {
      counts[one.kind] += 1;
      if (found[one.kind].length < examples) found[one.kind].push(one);
    }
  };
  const see = (document: Kept, { name }: Shelf) => {
    const { _id, state, at } = document;
    if (state === 'accepted') oldest = Math.min(oldest, at.getTime());
    if (state === 'dead' && deadIds.length < examples) deadIds.push(`${name}/${_id}`);
    note(judgeWaiting(name, document, { now, limitMs }));
  };

  for await (const batch of inBatches(acknowledged)) {
    const kept = await orders.find(batch.map(({ id }) => id));
    for (const one of batch) note(judgeAcknowledged(one, kept.get(one.id)));
  }
  for (const [index, shelf] of chain.entries()) {
    const { service } = shelf.link;
    for await (const batch of shelf.batches()) {
      const parents = await chain[index - 1]?.find(batch.map(({ parent }) => parent));
      const named = await chain[index + 1]?.find(batch.flatMap(toKeys));
      for (const document of batch) {
        see(document, shelf);
        if (shelf === orders) states.set(document.state, (states.get(document.state) ?? 0) + 1);
        else parts[service.plural] = (parts[service.plural] ?? 0) + 1;
        note(
          judgeDocument(shelf.link, document, {
            parent: parents?.get(document.parent ?? ''),
            ...(named === undefined ? {} : { parts: named }),
          }),
        );
      }
    }
  }

  const count = (state: string) => states.get(state) ?? 0;
  const accepted = count('accepted') + count('completed') + count('cancelled') + count('dead');
  const findings = findingKinds.flatMap((kind) => found[kind]);
  return {
    accepted,
    completed: count('completed'),
    cancelled: count('cancelled'),
    pending: count('accepted'),
    dead: counts.dead,
    overdue: counts.overdue,
    lost: counts.lost,
    doubled: counts.doubled,
    disagreement: counts.disagreement,
    chargedNotShipped: counts['charged-not-shipped'],
    oldestPendingMs: Number.isFinite(oldest) ? Math.max(0, now - oldest) : null,
    ...(parts as PartCounts),
    atLeast,
    kept: findings.length === 0 && accepted >= atLeast,
    findings,
    deadIds,
  };
}

type Found = Record<FindingKind, Finding[]>;

async function* inBatches<T>(all: Iterable<T> | AsyncIterable<T>): AsyncIterable<T[]> {
  let batch: T[] = [];
  for await (const one of all) {
    batch.push(one);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
