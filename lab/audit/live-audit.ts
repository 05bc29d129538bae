/**
 * The audit of a chain that runs: the judgements of `npm run audit`, again and again, at a small share of the time.
 *
 * All documents are judged at the start and now and then; in between only those that are not judged for good. A document
 * is, once it is older than every unfinished one of the chain, less a margin: it and its neighbours never change again.
 */
import type { Acknowledged } from './acknowledged.ts';
import { type AuditedCollection, type AuditedDocument, batchSize, type Chain } from './documents.ts';
import { type Finding, judgeAcknowledged, judgeDocument, toKeys } from './judge.ts';

/** What a live audit works with. */
export interface LiveAuditOptions {
  readonly chain: Chain;
  /** What customers were answered lately, the oldest first. */
  readonly acknowledged: () => readonly Acknowledged[];
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Called once for each finding that was not there before. */
  readonly onFinding: (finding: Finding) => void;
}

/** What is known since the last pass. */
export interface LiveReport {
  /** When the last pass began. */
  readonly auditedAt: number;
  /** When the last pass over all documents began. */
  readonly wholeAt: number;
  readonly findings: readonly Finding[];
}

/** An audit that goes on until it is stopped. */
export interface LiveAudit {
  /** `undefined` until all documents were judged once. */
  report(): LiveReport | undefined;
  /** Why the last pass failed, if it did. */
  failure(): string | undefined;
  stop(): Promise<void>;
}

/** What is younger is judged again: longer than a write and its answer take. */
const marginMs = 10_000;
/** Milliseconds between two passes, at least and at most, and shares of the time that passes may work. */
const pace = { youngMs: 2000, longestMs: 10_000, wholeMs: 10_000, firstRatio: 0.25, ratio: 0.03 } as const;
/** A pass that failed is repeated after this time. */
const againMs = 3000;
/** Findings that are kept; more say nothing new. */
const maxKept = 1000;

interface Placed {
  readonly at: number;
  readonly finding: Finding;
}

/** Begins to audit. */
export function startLiveAudit(options: LiveAuditOptions): LiveAudit {
  const { chain, clock, sleep } = options;
  let judgedUntil = Number.NEGATIVE_INFINITY;
  let settled: readonly Placed[] = [];
  /** What the last pass found that is not judged for good. */
  let young: readonly Placed[] = [];
  let report: LiveReport | undefined;
  let failure: string | undefined;
  let wholeDueAt = Number.NEGATIVE_INFINITY;
  let running = true;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const rest = (ms: number) => Promise.race([sleep(ms), stopped]);
  const loop = run();

  return {
    report: () => report,
    failure: () => failure,
    async stop() {
      running = false;
      stop();
      await loop;
    },
  };

  async function run(): Promise<void> {
    let whole: Promise<void> | undefined;
    while (running) {
      try {
        if (report === undefined) await judgeAll(pace.firstRatio);
        else if (clock() >= wholeDueAt && whole === undefined) {
          whole = judgeAll(pace.ratio * 5)
            .catch(noteFailure)
            .finally(() => {
              whole = undefined;
            });
        }
        const workedMs = await judgeYoung();
        failure = undefined;
        await rest(Math.min(pace.longestMs, Math.max(pace.youngMs, workedMs / pace.ratio)));
      } catch (error) {
        noteFailure(error);
        await rest(againMs);
      }
    }
    await whole;
  }

  function noteFailure(error: unknown): void {
    if (running) failure = error instanceof Error ? error.message : String(error);
  }

  /** Judges every document; what the young passes found about younger ones meanwhile stays. */
  async function judgeAll(dutyRatio: number): Promise<void> {
    const startedAt = clock();
    const until = await findUntil(startedAt);
    const { found, workedMs } = await judgeFrom(undefined, dutyRatio);
    const [orders] = chain;
    const known = new Set(found.map(({ finding: { kind, id } }) => `${kind} ${id}`));
    const told = orders === undefined ? [] : await judgeTold(orders, options.acknowledged());
    const further = told.filter(({ kind, id }) => !known.has(`${kind} ${id}`));
    const isSettled = ({ at }: Placed) => at < until;
    settled = [
      ...found.filter(isSettled),
      ...further.map((finding) => ({ at: Number.NEGATIVE_INFINITY, finding })),
      ...settled.filter((placed) => !isSettled(placed)),
    ].slice(0, maxKept);
    judgedUntil = Math.max(judgedUntil, until);
    wholeDueAt = clock() + Math.max(pace.wholeMs, workedMs / pace.ratio);
    if (report === undefined) young = found;
    publish({ auditedAt: startedAt, wholeAt: startedAt });
  }

  async function judgeYoung(): Promise<number> {
    const startedAt = clock();
    const until = await findUntil(startedAt);
    const from = judgedUntil;
    const { found, workedMs } = await judgeFrom(new Date(from), pace.firstRatio);
    if (until > from) {
      settled = [...settled, ...found.filter(({ at }) => at < until)].slice(-maxKept);
      judgedUntil = Math.max(judgedUntil, until);
    }
    young = found;
    publish({ auditedAt: startedAt, wholeAt: report?.wholeAt ?? startedAt });
    return workedMs;
  }

  /** Everything that was stored before is final, with its neighbours. */
  async function findUntil(now: number): Promise<number> {
    const oldest = await Promise.all(chain.map((collection) => collection.oldestUnfinished()));
    return Math.min(now, ...oldest.map((at) => at?.getTime() ?? now)) - marginMs;
  }

  /** The two kinds of pass overlap in what they judge, so a finding may come from both. */
  function publish(times: Omit<LiveReport, 'findings'>): void {
    const unsettled = young.filter(({ at }) => at >= judgedUntil);
    const each = new Map([...settled, ...unsettled].map(({ finding }) => [finding.what, finding]));
    const findings = [...each.values()];
    const before = new Set(report?.findings.map(({ what }) => what));
    report = { ...times, findings };
    for (const finding of findings) if (!before.has(finding.what)) options.onFinding(finding);
  }

  async function judgeFrom(from: Date | undefined, dutyRatio: number) {
    const found: Placed[] = [];
    let workedMs = 0;
    for (const [index, collection] of chain.entries()) {
      let startedAt = clock();
      for await (const batch of collection.batches(from)) {
        const findings = await judgeBatch(batch, collection, chain[index - 1], chain[index + 1]);
        if (found.length < maxKept) found.push(...findings);
        const tookMs = clock() - startedAt;
        workedMs += tookMs;
        if (!running) throw new Error('stopped');
        if (batch.length === batchSize) await rest(tookMs * (1 / dutyRatio - 1));
        startedAt = clock();
      }
      workedMs += clock() - startedAt;
    }
    return { found, workedMs };
  }
}

async function judgeBatch(
  batch: readonly AuditedDocument[],
  { link }: AuditedCollection,
  before: AuditedCollection | undefined,
  after: AuditedCollection | undefined,
): Promise<Placed[]> {
  const parents = await before?.find(batch.map(({ parent }) => parent));
  const parts = await after?.find(batch.flatMap(toKeys));
  return batch.flatMap((document) =>
    judgeDocument(link, document, {
      parent: parents?.get(document.parent ?? ''),
      ...(parts === undefined ? {} : { parts }),
    }).map((finding) => ({ at: document.at.getTime(), finding })),
  );
}

async function judgeTold(orders: AuditedCollection, all: readonly Acknowledged[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let first = 0; first < all.length; first += batchSize) {
    const some = all.slice(first, first + batchSize);
    const kept = await orders.find(some.map(({ id }) => id));
    findings.push(...some.flatMap((one) => judgeAcknowledged(one, kept.get(one.id))));
  }
  return findings;
}
