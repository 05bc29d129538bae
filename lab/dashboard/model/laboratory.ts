/**
 * The laboratory on the page: what the lab said of tunes, trials, experiments and recordings, and the rows of the trial's
 * table. Pure; view/laboratory.ts draws it.
 */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { ExperimentsAnswer } from '../../server/experiment.ts';
import type { TrialArm, TrialStatus, TuneSummary, TunesAnswer } from '../../server/policy-trial.ts';
import type { RecordingView } from '../../server/recordings.ts';
import { none, toMs, toShortPercent } from './format.ts';

/** What the page knows of the laboratory; `null` until the lab was asked, or where it has no such thing. */
export interface LaboratoryState {
  /** Whether the section is unfolded. */
  readonly isOpen: boolean;
  /** The hop that a trial, a command or a recording is for; `null` is the first one. */
  readonly hop: string | null;
  readonly tunes: TunesAnswer | null;
  readonly trial: TrialStatus | null;
  readonly experiments: ExperimentsAnswer | null;
  /** The newest first. */
  readonly recordings: readonly RecordingView[] | null;
}

/** What changes it. */
export type LaboratoryChange = Partial<LaboratoryState>;

/** Before the lab was asked. */
export const emptyLaboratory: LaboratoryState = {
  isOpen: false,
  hop: null,
  tunes: null,
  trial: null,
  experiments: null,
  recordings: null,
};

/** Whether the page must ask again: it is unfolded, and something runs. */
export function isGoingOn({ isOpen, trial, experiments, recordings }: LaboratoryState): boolean {
  const isRecording = recordings?.some(({ state }) => state === 'recording') === true;
  return isOpen && (trial?.state === 'running' || experiments?.state === 'running' || isRecording);
}

/**
 * The hop that is shown: the chosen one as long as it is there, else that of a trial, else one that was tuned, else the
 * first.
 */
export function toHop({ hop, trial, tunes }: LaboratoryState, names: readonly string[]): string | undefined {
  const wanted = [hop, trial?.hop, ...(tunes?.tunes ?? []).map((tune) => tune.hop)];
  return wanted.find((one) => one !== null && one !== undefined && names.includes(one)) ?? names[0];
}

/** The tune of a hop, if there is one. */
export function toTune({ tunes }: LaboratoryState, hop: string): TuneSummary | undefined {
  return tunes?.tunes.find((tune) => tune.hop === hop);
}

/** One row of the trial's table: a measure or a setting, with a value for each policy. */
export interface TrialRow {
  readonly label: string;
  readonly values: readonly string[];
}

/** What the breakers of each policy would have done with the outcomes that calls had. */
export function toShadowRows(arms: readonly TrialArm[]): TrialRow[] {
  return [
    row('breaker would have opened', arms, ({ shadow }) => toTimes(shadow?.opened)),
    row('calls rejected', arms, ({ shadow }) => toNumber(shadow?.rejected)),
    row('of them answered well', arms, ({ shadow }) => toNumber(shadow?.rejectedWrongly)),
  ];
}

/** What the replay measured. */
export function toReplayRows(arms: readonly TrialArm[]): TrialRow[] {
  return [
    row('calls that fail', arms, ({ replay }) =>
      replay === null ? none : toShortPercent(replay.failed / Math.max(1, replay.calls)),
    ),
    row('rejected while it was well', arms, ({ replay }) => toNumber(replay?.rejectedWhileWell)),
    row('attempts in vain', arms, ({ replay }) => toNumber(replay?.wasted)),
    row('attempts for each call', arms, ({ replay }) => replay?.amplification.toFixed(2) ?? none),
    row('p99', arms, ({ replay }) => toMs(replay?.p99Ms)),
    row('recovered after', arms, ({ replay }) =>
      replay === null ? none : replay.recoveredAfterMs === null ? 'not yet' : toMs(replay.recoveredAfterMs),
    ),
  ];
}

/** The settings in which the policies differ; `path` as in `budget.ratio`. */
export function toSettingRows(arms: readonly TrialArm[]): (TrialRow & { readonly path: string })[] {
  const flat = arms.map(({ policy }) => toFlat(policy));
  const paths = [...new Set(flat.flatMap((one) => [...one.keys()]))];
  return paths
    .map((path) => ({ path, label: toSettingLabel(path), values: flat.map((one) => one.get(path) ?? none) }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Every setting with its value; those of a part are named `part.setting`. */
function toFlat(policy: Policy): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of Object.entries(policy)) {
    if (value === null || typeof value === 'number')
      flat.set(name, value === null ? 'none' : toValue(name, value));
    else for (const [own, of] of Object.entries(value)) flat.set(`${name}.${own}`, toValue(own, Number(of)));
  }
  return flat;
}

/** At most three digits behind the point, durations with their unit, and a threshold as what it means. */
function toValue(name: string, value: number): string {
  if (name === 'thresholdRatio') return value >= 1 ? 'never' : `${Number((value * 100).toFixed(1))}%`;
  if (!name.endsWith('Ms')) return String(Number(value.toFixed(3)));
  return value < 1000 ? toMs(value) : `${Number((value / 1000).toFixed(3))} s`;
}

const settingLabels: Readonly<Record<string, string>> = {
  deadlineMs: 'deadline',
  attempts: 'attempts',
  attemptTimeoutMs: 'time of an attempt',
  'bulkhead.maxActive': 'calls at once',
  'bulkhead.maxQueued': 'calls that may wait',
  'bulkhead.waitMs': 'longest wait for a slot',
  'budget.ratio': 'retries for each call',
  'budget.minPerSecond': 'retries a second always',
  'breaker.thresholdRatio': 'opens above',
  'breaker.minCalls': 'needs so many calls',
  'breaker.windowMs': 'counts as far back as',
  'breaker.openMs': 'first probe after',
  'breaker.openMaxMs': 'between probes at most',
  'breaker.openFactor': 'each wait longer by',
  'breaker.jitterRatio': 'shortened by up to',
  'breaker.probeTimeoutMs': 'time of a probe',
  'breaker.probeSuccesses': 'good probes to close',
};

/** What a setting is called in the table. */
export function toSettingLabel(path: string): string {
  return settingLabels[path] ?? path;
}

/** What a policy of the trial is called. */
export function toArmName({ name }: TrialArm): string {
  return name === 'current' ? 'now' : `best ${name}`;
}

function row(label: string, arms: readonly TrialArm[], toText: (arm: TrialArm) => string): TrialRow {
  return { label, values: arms.map(toText) };
}

function toNumber(value: number | undefined): string {
  return value === undefined ? none : value.toLocaleString('en-GB');
}

function toTimes(value: number | undefined): string {
  return value === undefined ? none : `${value.toLocaleString('en-GB')} ×`;
}
