/**
 * The ledger of the lab: what became of all orders, by the counters of the front door, and what the audit in the
 * database says of them. Without a database, or before the first audit has ended, nothing is claimed.
 */
import { withoutCredentials } from '@holdfast/shared/core/redact.ts';
import type { ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { MongoClient } from 'mongodb';
import { type Acknowledged, toAcknowledged } from '../audit/acknowledged.ts';
import { openDb } from '../audit/database.ts';
import { openChain } from '../audit/documents.ts';
import type { Finding } from '../audit/judge.ts';
import { type LiveAudit, startLiveAudit } from '../audit/live-audit.ts';
import type { ServiceListener } from './service-listener.ts';
import type { LabLedger } from './wire.ts';

/** What the ledger is made of. */
export interface LedgerOptions {
  /** The database of the chain; empty: nothing is audited. */
  readonly mongoUrl: string;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly onFinding: (finding: Finding) => void;
}

/** The ledger. */
export interface Ledger {
  /** Remembers what a customer was answered. */
  readonly noteAnswer: (id: string, status: number) => void;
  view(services: readonly Pick<ServiceListener, 'name' | 'fresh'>[]): LabLedger;
  stop(): Promise<void>;
}

/** Answers that are held against the database at every whole audit. */
const keptAnswers = 5000;
/** Findings that are shown in words. */
const shownFindings = 10;

/** Opens the ledger; the audit begins at once, and waits for a database that is away. */
export function openLedger({ mongoUrl, clock, sleep, onFinding }: LedgerOptions): Ledger {
  const answers: Acknowledged[] = [];
  const client = mongoUrl === '' ? undefined : new MongoClient(mongoUrl, clientOptions);
  const audit: LiveAudit | undefined =
    client &&
    startLiveAudit({
      chain: openChain(openDb(client, mongoUrl)),
      acknowledged: () => answers,
      clock,
      sleep,
      onFinding,
    });

  return {
    noteAnswer(id, status) {
      const answer = toAcknowledged(id, status);
      if (audit === undefined || answer === undefined || status === 422) return;
      answers.push(answer);
      if (answers.length > keptAnswers) answers.splice(0, answers.length - keptAnswers);
    },
    view(services) {
      return { ...toCounts(services), ...toAudited() };
    },
    async stop() {
      await audit?.stop();
      await client?.close();
    },
  };

  function toAudited(): Omit<LabLedger, keyof ReturnType<typeof toCounts>> {
    const report = audit?.report();
    const failure = audit?.failure();
    const count = (kind: Finding['kind']) =>
      report === undefined ? null : report.findings.filter((finding) => finding.kind === kind).length;
    return {
      lost: count('lost'),
      doubled: count('doubled'),
      disagreement: count('disagreement'),
      chargedNotShipped: count('charged-not-shipped'),
      auditedAt: report === undefined ? null : Math.round(report.auditedAt),
      wholeAt: report === undefined ? null : Math.round(report.wholeAt),
      findings: report?.findings.slice(0, shownFindings).map(({ what }) => what) ?? [],
      notAudited:
        audit === undefined
          ? 'not audited: npm run audit'
          : failure !== undefined
            ? `the audit cannot read: ${withoutCredentials(failure)}`
            : report === undefined
              ? 'the first audit is under way'
              : null,
    };
  }
}

const clientOptions = {
  appName: 'holdfast lab',
  maxPoolSize: 2,
  serverSelectionTimeoutMS: 3000,
  connectTimeoutMS: 3000,
  socketTimeoutMS: 30_000,
} as const;

/** All instances of a service share a collection, so any one that is heard knows the counts. */
function toCounts(services: readonly Pick<ServiceListener, 'name' | 'fresh'>[]) {
  const front = services[0]?.name;
  const ledgers = services.flatMap(({ name, fresh }) => {
    const { ledger } = fresh() ?? {};
    return ledger == null ? [] : [{ name, ledger }];
  });
  const ledger = newest(ledgers.filter(({ name }) => name === front).map((one) => one.ledger));
  const behind = Map.groupBy(
    ledgers.filter(({ name }) => name !== front),
    ({ name }) => name,
  );
  const deadParts = [...behind.values()].reduce((sum, [one]) => sum + (one?.ledger.dead ?? 0), 0);
  if (ledger === undefined)
    return { accepted: null, completed: null, cancelled: null, pending: null, dead: null, deadParts: null };
  const { completed, cancelled, pending, dead } = ledger;
  return { accepted: completed + cancelled + pending + dead, completed, cancelled, pending, dead, deadParts };
}

type DocumentLedger = NonNullable<ServiceStatus['ledger']>;

/** Final documents only grow in number, so of several instances the one that has counted most is the newest. */
function newest(ledgers: readonly DocumentLedger[]): DocumentLedger | undefined {
  const final = ({ completed, cancelled }: DocumentLedger) => completed + cancelled;
  return ledgers.toSorted((one, other) => final(other) - final(one))[0];
}
