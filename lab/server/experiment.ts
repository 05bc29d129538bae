/**
 * The result of an experiment, as JSON: what `npm run experiment -- --json` prints and `/api/experiments` answers.
 *
 * The run itself is in lab/experiment, and is a process of its own; experiments.ts starts it.
 */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Interval } from '../measure/bootstrap.ts';
import type { EffectSize } from '../measure/effect-size.ts';
import type { Verdict } from '../measure/verdict.ts';

/** An experiment that comes with the project. */
export interface KnownExperiment {
  /** As in `npm run experiment -- NAME`. */
  readonly name: string;
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly shows: string;
  /** The hypothesis in words. */
  readonly hypothesis: string;
  /** About how long it takes where its arms run at once. */
  readonly seconds: number;
}

/** What the process of an experiment says: which ones are known, how far the present one is, what it found, or why it failed. */
export type ExperimentMessage =
  | { readonly known: readonly KnownExperiment[] }
  | { readonly progress: ExperimentProgress }
  | { readonly result: ExperimentResult; readonly page: string }
  | { readonly why: string };

/** `GET /api/experiments`. */
export interface ExperimentsAnswer {
  /** Of the latest one. */
  readonly state: 'none' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Why no experiment can be run here; `null` when it can. */
  readonly unavailable: string | null;
  /** Why the latest one failed or was cancelled. */
  readonly why: string | null;
  /** The latest one. */
  readonly name: string | null;
  /** When it was started, milliseconds since 1970. */
  readonly startedAt: number | null;
  /** How far it is; `null` before its first second, and when it is over. */
  readonly progress: ExperimentProgress | null;
  /** Those that can be started. */
  readonly known: readonly KnownExperiment[];
  /** The last result of each, without its runs: `GET /api/experiments/:name` has them. */
  readonly results: Readonly<Record<string, ExperimentSummary>>;
}

/** A result without its runs. */
export type ExperimentSummary = Omit<ExperimentResult, 'runs'>;

/** How far an experiment has come. */
export interface ExperimentProgress {
  /** The present one, counted from 1. */
  readonly repeat: number;
  readonly repeats: number;
  /** The arms that run at this moment. */
  readonly arms: readonly string[];
  readonly second: number;
  readonly seconds: number;
}

/** What a number is, and so how it is written. */
export type Unit = 'share' | 'ms' | 'count' | 'times';

/** One arm in one repeat. */
export interface ExperimentRun {
  readonly arm: string;
  /** Counted from 1. */
  readonly repeat: number;
  /** Of the scenario; the same for every arm of a repeat. */
  readonly seed: number;
  /** The 99 % quantile of how late its calls were sent; 0 in the model. */
  readonly lateMs: number;
  readonly outcome: RunOutcome;
}

/** One measure over all repeats. */
export interface MeasureResult {
  readonly name: string;
  readonly label: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  /** One value for each repeat; `null` where there was nothing to measure. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  /** The judged arm minus the one that it is compared with; `null` with too few pairs, or when nothing is compared. */
  readonly difference: Interval | null;
  /** From the one that it is compared with to the judged one. */
  readonly effect: EffectSize | null;
}

/** The hypothesis and what became of it. */
export interface Judgement {
  readonly hypothesis: string;
  readonly verdict: Verdict;
  /** The verdict in one sentence, with its numbers. */
  readonly sentence: string;
  /** How far the judged value lies on the wrong side of its bound; negative when it lies on the right one. */
  readonly beyond: Interval | null;
}

/** A thing against itself: what was called different though nothing is. */
export interface SelfTest {
  /** Measures that were judged. */
  readonly judged: readonly string[];
  /** Of them, those whose difference was called one. */
  readonly alarms: readonly string[];
  /** Of all ways to say which of each pair is which, the share in which the measure of the hypothesis would have been one. */
  readonly swappedRatio: number | null;
}

/** All of it. */
export interface ExperimentResult {
  readonly title: string;
  readonly shows: string | null;
  readonly system: 'testbed' | 'model';
  readonly arms: readonly string[];
  /** The arm that is judged, and the one that it is compared with, if any. */
  readonly judged: string;
  readonly reference: string | null;
  readonly judgement: Judgement;
  /** Only where the control ran against itself. */
  readonly selfTest: SelfTest | null;
  /**
   * Of experiments with pairs drawn from the control's own repeats, the share that would have called it different from itself;
   * `null` with too few repeats.
   */
  readonly falseAlarmRatio: number | null;
  /** Why no verdict can be given on this machine now; `null` where one can. */
  readonly busy: string | null;
  readonly measures: readonly MeasureResult[];
  readonly runs: readonly ExperimentRun[];
  readonly repeats: number;
  readonly seed: number;
  readonly seconds: number;
  /** Whether the arms of a repeat ran at the same moment; else one after the other. */
  readonly together: boolean;
  /** The faults of the judged arm, in words. */
  readonly faults: readonly string[];
  /** When the faults of any arm begin and end; `null` without any. */
  readonly sick: { readonly fromMs: number; readonly toMs: number } | null;
  readonly machine: { readonly load: string; readonly cores: number };
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly tookMs: number;
}
