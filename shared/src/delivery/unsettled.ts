/**
 * Final states that are answered before they are stored: answer, then flush, several with one command.
 *
 * The next hop keeps the answer that they are made of, so a crash in between costs a repeat, which brings the same text.
 * Until a final state is stored it is laid over what this process reads: nobody who was told "completed" is told
 * "pending" here. A failed write is repeated for as long as the process lives; the relay would do it after the lease.
 */
import { isDeepStrictEqual } from 'node:util';
import { StoreUnavailableError, toLogged } from '../core/errors.ts';
import { type FinalState, type HopRecord, type Records, withFinalState } from './record.ts';

/** What deferring needs. */
export interface UnsettledOptions<R extends Records> {
  readonly records: R;
  /** Final states that may be on their way at once. */
  readonly max: number;
  /** Resolves after `ms`, or at once when `signal` fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called for a document that is stored otherwise than it was answered. */
  readonly alarm: (id: string, reason: string) => void;
  /** Called at named points, where a test may end the process. */
  readonly failpoint?: (point: string) => void;
}

/** Final states that are on their way to the store. */
export interface Unsettled<R extends Records> {
  /** The records as whoever got an answer here must see them. */
  readonly records: R;
  /**
   * Stores a final state after its answer. False when it must be stored before: too many are on their way, one of them
   * could not be stored, or the process stops.
   */
  defer(id: string, finalState: FinalState): boolean;
  /** Takes nothing more, and stores what is on its way, each in one more try at most. */
  stop(): Promise<void>;
}

/** Milliseconds for which a final state waits, so that others share its flush. Another instance reads "pending" meanwhile. */
const gatherMs = 20;
/** Milliseconds between two tries: doubles with each failure. */
const retryMs = { first: 100, cap: 5_000 } as const;

/** Creates the place for the final states of one process. */
export function createUnsettled<R extends Records>(options: UnsettledOptions<R>): Unsettled<R> {
  const { records, failpoint = () => undefined } = options;
  const states = new Map<string, FinalState>();
  const writes = new Set<Promise<void>>();
  const failing = new Set<string>();
  const stopping = new AbortController();
  let round: Promise<void> | undefined;

  /** What was on its way before the read may be stored since, but not be seen by it. */
  async function overlay<T extends HopRecord | undefined>(id: string, read: () => Promise<T>): Promise<T> {
    const before = states.get(id);
    const record = await read();
    const finalState = states.get(id) ?? before;
    if (record === undefined || record.result !== null || finalState === undefined) return record;
    return withFinalState(record, finalState) as T;
  }

  async function settle(id: string, finalState: FinalState): Promise<void> {
    round ??= options.sleep(gatherMs, stopping.signal).finally(() => {
      round = undefined;
    });
    await round;
    failpoint('answered');
    for (let waitMs: number = retryMs.first; !(await store(id, finalState)); waitMs *= 2) {
      if (stopping.signal.aborted) return;
      failing.add(id);
      await options.sleep(Math.min(retryMs.cap, waitMs), stopping.signal);
    }
  }

  /** Resolves to whether there is nothing more to try. */
  async function store(id: string, finalState: FinalState): Promise<boolean> {
    try {
      failpoint('before-finalize');
      const won = await records.finalize(id, finalState);
      failpoint('after-finalize');
      if (!won) requireSame(id, finalState, await records.find(id));
      return true;
    } catch (error) {
      if (error instanceof StoreUnavailableError) return false;
      options.alarm(id, `it cannot be stored: ${toLogged(error)}`);
      return true;
    }
  }

  function requireSame(id: string, { result }: FinalState, stored: HopRecord | undefined): void {
    if (isDeepStrictEqual(stored?.result, result)) return;
    options.alarm(id, stored === undefined ? 'it is gone' : `it is ${stored.state} with another answer`);
  }

  return {
    records: {
      ...records,
      accept: (record) => overlay(record._id, () => records.accept(record)),
      find: (id) => overlay(id, () => records.find(id)),
      repeat: (id) => overlay(id, () => records.repeat(id)),
    },
    defer(id, finalState) {
      if (states.size >= options.max || failing.size > 0 || stopping.signal.aborted) return false;
      states.set(id, finalState);
      const write = settle(id, finalState).finally(() => {
        states.delete(id);
        failing.delete(id);
        writes.delete(write);
      });
      writes.add(write);
      return true;
    },
    async stop() {
      stopping.abort();
      await Promise.all(writes);
    },
  };
}
