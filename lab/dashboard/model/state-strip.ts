/**
 * The states of one breaker over the last minute as segments: for the strip, and behind the charts.
 *
 * Made of transitions; a time without messages is `no_data`.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import type { ShownState } from './state-words.ts';

/** A change of state. */
export interface Change {
  readonly at: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** A time without messages from a service; `to` is `null` while it lasts. */
export interface Silence {
  readonly from: number;
  readonly to: number | null;
}

/** A time in one state. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly state: ShownState;
}

/** The input of a strip; all times by the same clock. */
export interface StripOptions {
  readonly changes: readonly Change[];
  readonly state: BreakerState;
  /** When the present state began. */
  readonly since: number;
  /** When its service started; there was no breaker before. */
  readonly startedAt: number;
  readonly silences: readonly Silence[];
  readonly from: number;
  readonly to: number;
}

/** Lists the segments from `from` to `to`, the oldest first, without holes. */
export function toSegments({
  changes,
  state,
  since,
  startedAt,
  silences,
  from,
  to,
}: StripOptions): Segment[] {
  const points = [from, to, ...changes.map(({ at }) => at), since, startedAt];
  for (const silence of silences) points.push(silence.from, silence.to ?? to);
  const cuts = [...new Set(points.map((at) => Math.min(to, Math.max(from, at))))].sort((a, b) => a - b);

  const segments: Segment[] = [];
  for (const [index, start] of cuts.entries()) {
    const end = cuts[index + 1];
    if (end === undefined) break;
    const middle = (start + end) / 2;
    const silent = silences.some((silence) => middle >= silence.from && middle < (silence.to ?? to));
    const shown = silent || middle < startedAt ? 'no_data' : stateAt(middle, changes, state, since);
    const last = segments.at(-1);
    if (last?.state === shown) segments[segments.length - 1] = { ...last, to: end };
    else segments.push({ from: start, to: end, state: shown });
  }
  return segments;
}

/** In the sequence of painting: probes last, since they mostly take milliseconds and are drawn wider than they are. */
export function toPainted(segments: readonly Segment[]): Segment[] {
  const isProbe = ({ state }: Segment) => state === 'half_open';
  return [...segments.filter((segment) => !isProbe(segment)), ...segments.filter(isProbe)];
}

function stateAt(at: number, changes: readonly Change[], state: BreakerState, since: number): ShownState {
  const next = changes.find((change) => change.at > at);
  if (next !== undefined) return next.from;
  const last = changes.at(-1);
  // A transition arrives at once, the state with the next tick: the newer one counts.
  if (at >= since && (last === undefined || last.at <= since)) return state;
  // No known change before the present state: the page was not connected then.
  return last === undefined || last.at > at ? 'no_data' : last.to;
}
