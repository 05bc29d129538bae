/**
 * The single calls of a hop while somebody listens: what recordings keep, and what trials of a policy judge.
 *
 * A service tells single calls only to who asks for them (`/events?calls=1`), so that these are streams of their own, one
 * to each instance of the caller. A service is not trusted: what is no call is left out.
 */
import { RequestError } from '@holdfast/shared/core/errors.ts';
import type { TraceCall } from '../traces/trace.ts';
import { isRecord } from './is-record.ts';
import { readStream, type StreamMessage } from './read-stream.ts';
import type { ServiceAddress } from './settings.ts';

/** Who listens. */
export interface CallListener {
  onCall(call: TraceCall): void;
  /** So many calls had no room in a stream. */
  onDropped?(count: number): void;
  /** A stream of this instance is open, and says this of the attempt timeout. */
  onHeard?(url: string, attemptTimeoutMs: number | undefined): void;
}

/**
 * Tells the calls of a hop from now on; the returned function ends it.
 * @throws {RequestError} `not-found` when there is no such caller.
 */
export type ListenToHop = (hop: string, listener: CallListener) => () => void;

/** Creates the way to listen; the instances of a caller are those that are known when it begins. */
export function createListenToHop(services: () => readonly ServiceAddress[]): ListenToHop {
  return (hop, listener) => {
    const [caller] = hop.split('→');
    const places = services().filter(({ name }) => name === caller);
    if (places.length === 0) {
      const known = [...new Set(services().map(({ name }) => name))].join(', ');
      throw new RequestError('not-found', `The lab knows no caller of that hop; it has ${known}.`);
    }
    const stops = places.map(({ url }) =>
      readStream({ url: `${url}/events?calls=1`, onMessage: (message) => hear(message, hop, url, listener) }),
    );
    return () => {
      for (const stop of stops) stop();
    };
  };
}

function hear({ event, data }: StreamMessage, hop: string, url: string, listener: CallListener): void {
  if (!isRecord(data)) return;
  if (event === 'snapshot') listener.onHeard?.(url, findTimeout(data, hop));
  if (event !== 'calls' || !Array.isArray(data.calls)) return;
  if (Number.isSafeInteger(data.dropped)) listener.onDropped?.(Number(data.dropped));
  for (const call of data.calls) {
    const heard = isRecord(call) ? toCall(call, hop) : undefined;
    if (heard !== undefined) listener.onCall(heard);
  }
}

function toCall(
  { name, at, ms, outcome, error, retry }: Readonly<Record<string, unknown>>,
  hop: string,
): TraceCall | undefined {
  if (typeof name !== 'string' || name.length > 300 || (name !== hop && !name.startsWith(`${hop}@`)))
    return undefined;
  // A caller without time left sent nothing, which says nothing of the neighbour.
  if (!isTime(at) || !isTime(ms) || error === 'deadline-exceeded') return undefined;
  return {
    ...{ t: round(at - ms), ms: round(ms), outcome: toOutcome(outcome, error) },
    ...(name === hop ? {} : { instance: name.slice(hop.length + 1) }),
    ...(retry === true ? { retry } : {}),
  };
}

/** A call that counts for nothing was answered, unless its caller cut it short. */
function toOutcome(outcome: unknown, error: unknown): TraceCall['outcome'] {
  if (outcome === 'timeout' || (outcome === 'ignored' && error === 'attempt-timeout')) return 'timeout';
  if (outcome === 'failure') return 'failed';
  return outcome === 'rejected' || outcome === 'saturated' ? 'rejected' : 'ok';
}

function findTimeout({ breakers }: Readonly<Record<string, unknown>>, hop: string): number | undefined {
  if (!Array.isArray(breakers)) return undefined;
  for (const breaker of breakers) {
    if (!isRecord(breaker) || typeof breaker.name !== 'string' || !breaker.name.startsWith(hop)) continue;
    const config = isRecord(breaker.config) ? breaker.config.attemptTimeoutMs : undefined;
    if (isTime(config)) return config;
  }
  return undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** To the microsecond. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
