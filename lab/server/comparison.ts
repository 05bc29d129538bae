/**
 * "With and without": what can be compared, within which bounds, and the JSON of `/api/comparisons`.
 *
 * The run itself is in lab/compare, and is a process of its own; comparisons.ts starts it. The page imports this file. Times are milliseconds from the
 * first due order unless a name says otherwise.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';

/** What one of two chains has and the other one has not. */
export const comparisonSubjects = ['breaker', 'retry-budget'] as const;

/** One of those. */
export type ComparisonSubject = (typeof comparisonSubjects)[number];

/** What is compared, in a sentence. */
export const subjectWords: Readonly<Record<ComparisonSubject, string>> = {
  breaker: 'the breaker',
  'retry-budget': 'the retry budget',
};

/** How a service is broken: twice the attempt timeout, 503, 503 for 60 %, or no answer. */
export const comparisonFaults = ['slow', 'down', 'flaky', 'hang'] as const;

/** One of those. */
export type ComparisonFault = (typeof comparisonFaults)[number];

/** What to run. */
export interface ComparisonSettings {
  readonly what: ComparisonSubject;
  readonly fault: ComparisonFault;
  /** Orders a second, on average: they arrive at random, the same for both chains. */
  readonly ratePerSecond: number;
  /** How long orders arrive. */
  readonly seconds: number;
  /** Decides when they arrive. */
  readonly seed: number;
}

/** The ranges of the numbers; both ends belong to them. */
export const comparisonRanges = {
  ratePerSecond: { min: 2, max: 60 },
  seconds: { min: 6, max: 60 },
  seed: { min: 0, max: 2 ** 31 },
} as const;

/** What one click runs. */
export const usualComparison: ComparisonSettings = {
  what: 'breaker',
  fault: 'slow',
  ratePerSecond: 10,
  seconds: 16,
  seed: 1,
};

/** The two chains: with what is compared, and without it. */
export const armNames = ['with', 'without'] as const;

/** One of those. */
export type ArmName = (typeof armNames)[number];

/** When the fault begins and ends. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One second of one chain. Latencies are those of the orders that were due in it. */
export interface ComparisonPoint {
  readonly second: number;
  /** `null` when none of its orders is answered yet. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Calls to a neighbour that ended in this second and had failed or timed out. */
  readonly wasted: number;
  /** The most calls to neighbours that were under way at once. */
  readonly inFlight: number;
  /** Answers 5xx, and none at all, to orders that were due in it. */
  readonly failed: number;
  /** Documents that were kept and not finished, in all services, at its end. */
  readonly pending: number;
  /** The breaker in front of the broken service, at its end; `null` while unknown. */
  readonly state: BreakerState | null;
}

/** What the customers noticed in one part of the run. */
export interface Noticed {
  readonly orders: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly failed: number;
}

/** The sums of the services' own counts, over all breakers of a chain. */
export interface CallCounts {
  /** Calls that were sent and have ended. */
  readonly sent: number;
  /** Of them, those that failed or timed out. */
  readonly wasted: number;
  /** Calls that a breaker did not send. */
  readonly rejected: number;
}

/** What a chain's documents say when the run is over. */
export interface ArmAudit {
  readonly accepted: number;
  readonly completed: number;
  readonly pending: number;
  readonly lost: number;
  readonly doubled: number;
  /** Every broken promise in a sentence; at most five. */
  readonly findings: readonly string[];
}

/** One chain of a comparison. */
export interface ArmReport {
  readonly arm: ArmName;
  readonly points: readonly ComparisonPoint[];
  /** Before the fault: the two chains are alike, so what they differ in is noise. */
  readonly before: Noticed;
  readonly during: Noticed;
  readonly after: Noticed;
  /** Answers to all orders, by HTTP status; `none` for no answer. */
  readonly answers: Readonly<Record<string, number>>;
  /** What was counted before the first order, in the warm-up. */
  readonly callsBefore: CallCounts;
  /** Since the first order; exact once the run is over. */
  readonly calls: CallCounts;
  readonly mostInFlight: number;
  readonly mostPending: number;
  /** When nothing was pending any more; `null` before. */
  readonly settledAtMs: number | null;
  readonly audit: ArmAudit | null;
}

/** How one measure came out. */
export type Judgement = 'better' | 'worse' | 'same';

/** One measure of both chains; `better` is meant of the chain with what is compared. */
export interface ComparedMeasure {
  readonly name: 'waited' | 'wasted' | 'in-flight' | 'failed' | 'pending' | 'lost';
  readonly label: string;
  readonly with: string;
  readonly without: string;
  readonly judgement: Judgement;
}

/** The result in words. */
export interface ComparisonVerdict {
  readonly judgement: Judgement | 'mixed' | 'unsure';
  /** One paragraph with the numbers. */
  readonly sentence: string;
  readonly measures: readonly ComparedMeasure[];
}

/** A comparison as far as it has come. */
export interface ComparisonReport {
  readonly settings: ComparisonSettings;
  readonly phase: 'starting' | 'running' | 'settling' | 'done';
  /** Whether both chains ran at the same moment; else one after the other. */
  readonly together: boolean;
  /** The service that gets the fault. */
  readonly broken: string;
  readonly outage: Outage;
  /** How far the slower chain has come. */
  readonly atMs: number;
  /** With, then without. */
  readonly arms: readonly ArmReport[];
  /** The p99 of how late the orders were sent: the load's own delay, which is in every latency. */
  readonly sendLateMs: number;
  readonly verdict: ComparisonVerdict | null;
}

/** What the process of a comparison says: how far it is, or why it failed. */
export type ComparisonMessage = { readonly report: ComparisonReport } | { readonly why: string };

/** `GET /api/comparisons/latest`. */
export interface ComparisonStatus {
  readonly state: 'none' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Why no comparison can be run here; `null` when it can. */
  readonly unavailable: string | null;
  /** Why the last one failed or was cancelled. */
  readonly why: string | null;
  /** When it was started, milliseconds since 1970. */
  readonly startedAt: number | null;
  readonly settings: ComparisonSettings | null;
  readonly report: ComparisonReport | null;
}
