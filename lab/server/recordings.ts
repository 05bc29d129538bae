/**
 * Recordings of single calls: what one service asks its next hop, as a trace (docs/traces.md).
 *
 * Calls are kept in memory, up to a bound; what has no room is counted.
 */
import { randomUUID } from 'node:crypto';
import { RequestError, UnavailableError } from '@holdfast/shared/core/errors.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { toTraceHead, toTraceLine } from '../traces/call-line.ts';
import type { ListenToHop } from './hop-calls.ts';

/** A recording, as the API shows it. */
export interface RecordingView {
  readonly id: string;
  /** Caller and neighbour, as in `front→back`. */
  readonly hop: string;
  readonly state: 'recording' | 'done';
  readonly startedAt: number;
  /** How long it lasts at most. */
  readonly seconds: number;
  readonly calls: number;
  /** Calls that were not kept: too many at once, or too many in all. */
  readonly dropped: number;
  /** Instances of the caller whose stream is heard, or was. */
  readonly heard: number;
}

/** What to record. */
export interface RecordingPlan {
  readonly hop: string;
  readonly seconds: number;
}

/** The recordings of a lab. */
export interface Recordings {
  list(): readonly RecordingView[];
  /**
   * Begins one.
   * @throws {UnavailableError} when this hop is recorded already, or too many hops are.
   * @throws {RequestError} `not-found` when the lab has no such caller.
   */
  start(plan: RecordingPlan): RecordingView;
  /** The trace so far, in pieces. @throws {RequestError} `not-found` */
  text(id: string): Iterable<string>;
  /** Ends a running one, which keeps what it has; removes one that has ended. @throws {RequestError} `not-found` */
  remove(id: string): RecordingView;
  /** Ends all. */
  stop(): void;
}

/** What recordings need. */
export interface RecordingsOptions {
  readonly listen: ListenToHop;
  readonly clock: Clock;
  readonly after: (ms: number, then: () => void) => () => void;
}

/** Bounds of a recording. */
export const recordingRanges = { seconds: { min: 1, max: 600 } } as const;
/** Calls that one keeps: about 20 MB. */
const maxCalls = 200_000;
/** Recordings that are kept, the newest; as many run at most. */
const maxKept = 4;

interface Recording {
  readonly id: string;
  readonly plan: RecordingPlan;
  readonly startedAt: number;
  readonly lines: string[];
  readonly heard: Set<string>;
  dropped: number;
  attemptTimeoutMs: number | undefined;
  /** Absent when it has ended. */
  end: (() => void) | undefined;
}

/** Creates the list; nothing is recorded yet. */
export function createRecordings({ listen, clock, after }: RecordingsOptions): Recordings {
  const kept = new Map<string, Recording>();

  return {
    list: () => [...kept.values()].map(toView).reverse(),
    start(plan) {
      const running = [...kept.values()].filter(({ end }) => end !== undefined);
      if (running.some(({ plan: other }) => other.hop === plan.hop))
        throw new UnavailableError('overloaded', `${plan.hop} is being recorded already; end that first.`, {
          retryAfterMs: 5000,
        });
      if (running.length >= maxKept)
        throw new UnavailableError('overloaded', `${maxKept} hops are being recorded already.`, {
          retryAfterMs: 5000,
        });
      const recording: Recording = {
        ...{ id: randomUUID().slice(0, 8), plan, startedAt: Math.round(clock()), lines: [], dropped: 0 },
        ...{ heard: new Set<string>(), attemptTimeoutMs: undefined, end: undefined },
      };
      const leave = listen(plan.hop, {
        onCall(call) {
          if (recording.lines.length < maxCalls) recording.lines.push(toTraceLine(call));
          else recording.dropped += 1;
        },
        onDropped(count) {
          recording.dropped += count;
        },
        onHeard(url, attemptTimeoutMs) {
          recording.heard.add(url);
          recording.attemptTimeoutMs ??= attemptTimeoutMs;
        },
      });
      const cancel = after(plan.seconds * 1000, () => recording.end?.());
      recording.end = () => {
        recording.end = undefined;
        cancel();
        leave();
      };
      kept.set(recording.id, recording);
      forgetOldest();
      return toView(recording);
    },
    text: (id) => toText(find(id)),
    remove(id) {
      const recording = find(id);
      if (recording.end === undefined) kept.delete(id);
      else recording.end();
      return toView(recording);
    },
    stop() {
      for (const { end } of kept.values()) end?.();
    },
  };

  function forgetOldest(): void {
    for (const [id, { end }] of kept) if (kept.size > maxKept && end === undefined) kept.delete(id);
  }

  function find(id: string): Recording {
    const recording = kept.get(id);
    if (recording !== undefined) return recording;
    throw new RequestError('not-found', 'There is no such recording.');
  }
}

function* toText({ plan, lines, dropped, attemptTimeoutMs }: Recording): Generator<string> {
  const facts = { hop: plan.hop, recordedBy: 'lab', ...(dropped > 0 ? { dropped } : {}) };
  yield toTraceHead(attemptTimeoutMs === undefined ? facts : { ...facts, attemptTimeoutMs });
  for (let from = 0; from < lines.length; from += 1000) yield lines.slice(from, from + 1000).join('');
}

function toView({ id, plan, startedAt, lines, dropped, heard, end }: Recording): RecordingView {
  return {
    ...{ id, hop: plan.hop, state: end === undefined ? 'done' : 'recording', startedAt },
    ...{ seconds: plan.seconds, calls: lines.length, dropped, heard: heard.size },
  };
}
