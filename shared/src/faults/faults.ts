/**
 * The injected faults of one service: each has a name and counters, and expires.
 *
 * They are in memory only, so a restart removes them. fault-gate.ts applies a hit to a request; control.ts decides who
 * may request a fault. `INJECT_ERR=1` is a fault that is active from the start.
 */
import { InvalidError, RequestError } from '../core/errors.ts';
import type { Clock } from '../resilience/deadline.ts';
import {
  type ActiveFault,
  createActiveFault,
  injectErr,
  toDelayMs,
  toDetail,
  toPresentDetail,
  toFaultView as viewOf,
} from './active-fault.ts';
import type { FaultChange, FaultEvents, FaultType, FaultView } from './fault-events.ts';
import { type FaultSpec, parseNamedFault } from './fault-schema.ts';

/** Before or after the document is saved. */
export type FaultPhase = FaultView['phase'];

/** A fault that applies to one request. */
export interface FaultHit {
  /** The name of the fault, for `Fault-Injected`. */
  readonly name: string;
  readonly type: FaultType;
  readonly status: number;
  /** Of a `latency`, with jitter. */
  readonly delayMs: number;
  /** A sentence for the answer. */
  readonly detail: string;
  /** Fires when the fault ends and the requests that it holds are to be released. */
  readonly over: AbortSignal;
}

/** The faults of a service. */
export interface Faults {
  /**
   * Begins a fault, or replaces the one of this name and resets its counters.
   * @throws {InvalidError} when the name or the content is invalid, or when there are too many.
   */
  put(name: string, body: unknown): { readonly fault: FaultView; readonly isNew: boolean };
  list(): readonly FaultView[];
  /** @throws {RequestError} `not-found` when none has this name; the message lists those that exist. */
  delete(name: string): void;
  /** Ends all; returns their number. */
  clear(): number;
  /** Whether there is none; cheap, for every request. */
  isEmpty(): boolean;
  /** Iterates over the hits of this phase and counts them; faults after the last hit that is read are not counted. */
  hits(phase: FaultPhase, id: string | undefined): Iterable<FaultHit>;
  /** The `unready` fault, if any; `counted` when the result goes into an answer. */
  unready(asking: { counted: boolean }): Pick<FaultHit, 'name' | 'detail'> | undefined;
  /** Ends the process because of the fault `name`. */
  crash(name: string): void;
  /** Fires when the service stops and held requests are to be released. */
  readonly stopped: AbortSignal;
  stop(): void;
}

/** What the faults of a service need. */
export interface FaultOptions {
  /** Whether 40 % of the creates fail after the save, from the start. */
  readonly injectErr: boolean;
  readonly events: FaultEvents;
  readonly clock: Clock;
  /** Numbers from 0 to 1, 1 excluded, for faults without a seed. */
  readonly random?: () => number;
  readonly crash: (name: string) => void;
}

/** Maximum number of faults at once. */
const maxFaults = 50;

/** Creates the faults of one service. */
export function createFaults({ events, clock, random = Math.random, ...options }: FaultOptions): Faults {
  const faults = new Map<string, ActiveFault>();
  /** Used up, but still holding requests. */
  const holding = new Set<ActiveFault>();
  const stopped = new AbortController();

  if (options.injectErr) begin(injectErr.name, injectErr.spec, 'on', injectErr.detail);

  return {
    put(name, body) {
      const spec = parseNamedFault(name, body);
      expire();
      const former = faults.get(name);
      if (former === undefined && faults.size >= maxFaults) {
        throw new InvalidError(`There are ${maxFaults} faults, the most there may be. End one first.`, [
          { pointer: '', detail: `At most ${maxFaults} faults may be on at once.` },
        ]);
      }
      if (former !== undefined) release(former);
      const fault = begin(name, spec, former === undefined ? 'on' : 'changed');
      return { fault: toView(fault), isNew: former === undefined };
    },
    list() {
      expire();
      return [...faults.values()].map(toView);
    },
    delete(name) {
      expire();
      const fault = faults.get(name);
      if (fault === undefined) {
        const known = faults.size === 0 ? 'none is on' : `there are ${[...faults.keys()].join(', ')}`;
        throw new RequestError('not-found', `No fault is called "${name}"; ${known}.`);
      }
      end(fault, 'deleted');
    },
    clear() {
      expire();
      const count = faults.size;
      for (const fault of [...faults.values()]) end(fault, 'deleted');
      for (const fault of [...holding]) release(fault);
      return count;
    },
    isEmpty: () => faults.size === 0,
    *hits(phase, id) {
      expire();
      for (const fault of [...faults.values()]) {
        const { type } = fault.spec;
        if (type === 'unready' || fault.spec.phase !== phase || !fault.matches(id) || !isOn(fault)) continue;
        fault.seen += 1;
        if (fault.random() < fault.spec.rate) yield hit(fault);
      }
    },
    unready({ counted }) {
      expire();
      const fault = [...faults.values()].find(({ spec }) => spec.type === 'unready');
      if (fault === undefined) return undefined;
      if (counted) {
        fault.seen += 1;
        fault.hits += 1;
      }
      return { name: fault.name, detail: toPresentDetail(fault, clock()) };
    },
    crash: options.crash,
    stopped: stopped.signal,
    stop() {
      for (const fault of [...faults.values(), ...holding]) release(fault);
      faults.clear();
      stopped.abort();
    },
  };

  function begin(name: string, spec: FaultSpec, change: 'on' | 'changed', detail?: string): ActiveFault {
    const fault = createActiveFault({ name, spec, since: Math.round(clock()), random, detail });
    if (spec.ttlMs !== null) fault.timer = setTimeout(() => end(fault, 'expired'), spec.ttlMs).unref();
    faults.set(name, fault);
    emit(fault, change, null);
    return fault;
  }

  function hit(fault: ActiveFault): FaultHit {
    fault.hits += 1;
    const { name, spec, over } = fault;
    const { type, status } = spec;
    const one = { name, type, status, delayMs: toDelayMs(fault), detail: toDetail(fault, clock()) };
    if (fault.hits === spec.times) end(fault, 'used-up');
    return { ...one, over: over.signal };
  }

  /** Ends faults by the clock: after the process was suspended, a request may come before the timers. */
  function expire(): void {
    const now = clock();
    for (const fault of faults.values()) {
      if (fault.expiresAt !== null && fault.expiresAt <= now) end(fault, 'expired');
    }
  }

  /** Ends a fault. One that is used up still holds the requests that it has hit. */
  function end(fault: ActiveFault, reason: NonNullable<FaultChange['reason']>): void {
    if (reason === 'used-up') holding.add(fault);
    else release(fault);
    if (!isOn(fault)) return;
    faults.delete(fault.name);
    emit(fault, 'off', reason);
  }

  function release(fault: ActiveFault): void {
    clearTimeout(fault.timer);
    holding.delete(fault);
    fault.over.abort();
  }

  function isOn(fault: ActiveFault): boolean {
    return faults.get(fault.name) === fault;
  }

  function emit(fault: ActiveFault, change: FaultChange['change'], reason: FaultChange['reason']): void {
    events.emit('fault', { at: Math.round(clock()), change, reason, fault: toView(fault) });
  }

  function toView(fault: ActiveFault): FaultView {
    return viewOf(fault, clock());
  }
}
