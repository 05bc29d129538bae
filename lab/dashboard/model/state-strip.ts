/**
 * The states of one breaker over a range of time as segments: for the strip, and behind the charts.
 *
 * Samples say once a second what the state was, and when nothing was heard; transitions say exactly when it changed. A
 * process that was started again changes no state by a transition: there the samples say it.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import type { LabSample } from '../../server/wire.ts';
import { bridgedMs } from './series.ts';
import type { ShownState } from './state-words.ts';

/** A change of state. */
export interface Change {
  readonly at: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** A time in one state. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly state: ShownState;
}

/** The input of a strip; all times by the lab's clock. */
export interface StripOptions {
  readonly samples: readonly LabSample[];
  /** The key of the breaker. */
  readonly name: string;
  /** The oldest first. */
  readonly changes: readonly Change[];
  /** Until when the newest sample holds: the present while its service is heard. */
  readonly heardUntil: number;
  readonly from: number;
  readonly to: number;
}

/** A sample is taken up to so much later than the second that it is named by. */
const lateMs = 1_000;

/** Segments from which on a strip is made of cells. */
const maxSegments = 160;

/** Lists the segments from `from` to `to`, the oldest first, without holes. */
export function toSegments({ samples, name, changes, heardUntil, from, to }: StripOptions): Segment[] {
  const runs = withHeard(toRuns(samples, name), heardUntil);
  const points = [from, to, ...changes.map(({ at }) => at)];
  for (const run of runs) points.push(run.from, run.to);
  const cuts = [...new Set(points.map((at) => Math.min(to, Math.max(from, at))))].sort((a, b) => a - b);

  const segments: Segment[] = [];
  let run = 0;
  let change = 0;
  for (const [index, start] of cuts.entries()) {
    const end = cuts[index + 1];
    if (end === undefined) break;
    const middle = (start + end) / 2;
    while (run < runs.length && (runs[run]?.to ?? 0) <= middle) run += 1;
    while (change < changes.length && (changes[change]?.at ?? 0) <= middle) change += 1;
    const state = stateAt(middle, runs[run], changes[change - 1], changes[change]);
    const last = segments.at(-1);
    if (last?.state === state) segments[segments.length - 1] = { ...last, to: end };
    else segments.push({ from: start, to: end, state });
  }
  return segments.length > maxSegments ? toCells(segments, from, to) : segments;
}

/** In the sequence of painting: probes last, since they mostly take milliseconds and are drawn wider than they are. */
export function toPainted(segments: readonly Segment[]): Segment[] {
  const isProbe = ({ state }: Segment) => state === 'half_open';
  return [...segments.filter((segment) => !isProbe(segment)), ...segments.filter(isProbe)];
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly state: BreakerState;
}

const known = new WeakMap<readonly LabSample[], Map<string, readonly Run[]>>();

/** The times in which the samples of a breaker say the same state; made once for each list of samples. */
function toRuns(samples: readonly LabSample[], name: string): readonly Run[] {
  const made = known.get(samples) ?? new Map<string, readonly Run[]>();
  known.set(samples, made);
  const runs = made.get(name) ?? makeRuns(samples, name);
  made.set(name, runs);
  return runs;
}

function makeRuns(samples: readonly LabSample[], name: string): Run[] {
  const runs: Run[] = [];
  let isHeard = false;
  for (const { at, breakers } of samples) {
    const state = breakers[name]?.state;
    const last = runs.at(-1);
    const follows = isHeard && last !== undefined && at - last.to <= bridgedMs - 1_000;
    isHeard = state !== undefined;
    if (state === undefined) continue;
    if (follows) runs[runs.length - 1] = { ...last, to: at };
    const before = runs.at(-1);
    if (follows && before?.state === state) runs[runs.length - 1] = { ...before, to: at + 1_000 };
    else runs.push({ from: at, to: at + 1_000, state });
  }
  return runs;
}

/** The newest run lasts until now while its service is heard. */
function withHeard(runs: readonly Run[], heardUntil: number): readonly Run[] {
  const last = runs.at(-1);
  if (last === undefined || heardUntil <= last.to || heardUntil - last.to > 2 * bridgedMs) return runs;
  return [...runs.slice(0, -1), { ...last, to: heardUntil }];
}

function stateAt(
  at: number,
  run: Run | undefined,
  before: Change | undefined,
  next: Change | undefined,
): ShownState {
  if (run === undefined || at < run.from) return 'no_data';
  if (before !== undefined && before.at >= run.from) return before.to;
  // The first sample of a run can know of a change that came after the second that it is named by.
  if (next !== undefined && next.at - run.from <= lateMs && next.to === run.state) return next.from;
  return run.state;
}

/** What is worst in a time too short to be drawn. */
const gravity: readonly ShownState[] = ['closed', 'no_data', 'disabled', 'half_open', 'forced_open', 'open'];

function toCells(segments: readonly Segment[], from: number, to: number): Segment[] {
  const cells: Segment[] = [];
  const each = (to - from) / maxSegments;
  let index = 0;
  for (let start = from; start < to - each / 2; start += each) {
    let worst: ShownState = 'closed';
    while (index > 0 && (segments[index]?.from ?? 0) > start) index -= 1;
    for (let at = index; at < segments.length && (segments[at]?.from ?? to) < start + each; at += 1) {
      const segment = segments[at];
      if (segment === undefined || segment.to <= start) continue;
      if (gravity.indexOf(segment.state) > gravity.indexOf(worst)) worst = segment.state;
      index = at;
    }
    const last = cells.at(-1);
    if (last?.state === worst) cells[cells.length - 1] = { ...last, to: start + each };
    else cells.push({ from: start, to: start + each, state: worst });
  }
  return cells;
}
