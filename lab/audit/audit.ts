/**
 * Reads every collection of a chain and compares the acknowledged orders with the stored documents.
 *
 * One pass over the acknowledged orders, then one over each collection, a thousand documents with their neighbours at a
 * time: memory does not grow with the number of orders.
 */
import type { chain as services } from '../../chain.ts';
import type { Acknowledged } from './acknowledged.ts';
import { type AuditedCollection, type AuditedDocument, batchSize, type Chain } from './documents.ts';
import {
  type Finding,
  type FindingKind,
  findingKinds,
  judgeAcknowledged,
  judgeDocument,
  judgeWaiting,
  toKeys,
} from './judge.ts';

/** The number of documents of each service behind the front door. */
export type DocumentCounts = Readonly<Record<Exclude<Plural, (typeof services)[0]['plural']>, number>>;
type Plural = (typeof services)[number]['plural'];

/** The result of an audit. */
export interface AuditReport extends DocumentCounts {
  /** Stored orders; each was or will be answered 200, 202 or finally 422. */
  readonly accepted: number;
  readonly completed: number;
  readonly cancelled: number;
  readonly pending: number;
  /** Dead documents, in all collections. */
  readonly dead: number;
  /** Documents that have been pending for longer than the limit, in all collections. */
  readonly overdue: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disagreement: number;
  readonly chargedNotShipped: number;
  /** Age of the oldest pending document in milliseconds; `null` when none is pending. */
  readonly oldestPendingMs: number | null;
  /** The required number of orders; fewer suggest that it is another database. */
  readonly atLeast: number;
  /** True when there are no findings and enough orders. */
  readonly kept: boolean;
  /** The first findings of each kind, and the first dead documents as `collection/id`; at most twenty each. */
  readonly findings: readonly Finding[];
  readonly deadIds: readonly string[];
}

/** Options of an audit. */
export interface AuditOptions {
  /** Answers that clients got: an order that is not stored is lost, one that ended otherwise is a disagreement. */
  readonly acknowledged?: Iterable<Acknowledged> | AsyncIterable<Acknowledged>;
  /** The required number of orders. @default 1 */
  readonly atLeast?: number;
  /** Milliseconds for which a document may be pending. @default 60,000 */
  readonly pendingLimitMs?: number;
  readonly now?: number;
}

/** How long a document may be pending by default; the services log a warning after the same time. */
export const usualPendingLimitMs = 60_000;

const examples = 20;

/** Audits a chain. It only reads, so it can run while the services work. */
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
  const see = (document: AuditedDocument, { name }: AuditedCollection) => {
    const { _id, state, at } = document;
    if (state === 'accepted') oldest = Math.min(oldest, at.getTime());
    if (state === 'dead' && deadIds.length < examples) deadIds.push(`${name}/${_id}`);
    note(judgeWaiting(name, document, { now, limitMs }));
  };

  for await (const batch of inBatches(acknowledged)) {
    const kept = await orders.find(batch.map(({ id }) => id));
    for (const one of batch) note(judgeAcknowledged(one, kept.get(one.id)));
  }
  for (const [index, collection] of chain.entries()) {
    const { service } = collection.link;
    for await (const batch of collection.batches()) {
      const parents = await chain[index - 1]?.find(batch.map(({ parent }) => parent));
      const named = await chain[index + 1]?.find(batch.flatMap(toKeys));
      for (const document of batch) {
        see(document, collection);
        if (collection === orders) states.set(document.state, (states.get(document.state) ?? 0) + 1);
        else parts[service.plural] = (parts[service.plural] ?? 0) + 1;
        note(
          judgeDocument(collection.link, document, {
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
    ...(parts as DocumentCounts),
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
