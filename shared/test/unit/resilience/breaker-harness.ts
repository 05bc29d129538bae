/** A breaker whose events are recorded, and calls that end by hand: what the tests of the breaker share. */

import { type Breaker, type BreakerOptions, createBreaker } from '../../../src/resilience/breaker.ts';
import type { Verdict } from '../../../src/resilience/breaker-call.ts';
import type { BreakerEventMap } from '../../../src/resilience/breaker-events.ts';
import { createEventBus } from '../../../src/resilience/event-bus.ts';

/** A breaker and everything that it told. */
export interface Harness {
  readonly breaker: Breaker;
  readonly transitions: BreakerEventMap['transition'][];
  readonly calls: BreakerEventMap['call'][];
  readonly rejections: BreakerEventMap['rejections'][];
  readonly configured: BreakerEventMap['configured'][];
  /** Begins a call that ends by hand. */
  begin(): PendingCall;
  /** Makes a call that ends at once with this verdict; answers what became of it. */
  call(verdict: Verdict): Promise<'passed' | 'rejected'>;
  /** Makes so many calls one after the other. */
  repeat(times: number, verdict: Verdict): Promise<void>;
}

/** A call on its way. */
export interface PendingCall {
  readonly signal: () => AbortSignal | undefined;
  /** Settles when `run` has. */
  readonly ended: Promise<unknown>;
  end(verdict: Verdict): Promise<void>;
}

/** An error that carries its verdict. */
export class VerdictError extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(`the neighbour: ${verdict}`);
    this.verdict = verdict;
  }
}

/** Reads the verdict of a {@link VerdictError}. */
export function classify(error: unknown): Verdict {
  return error instanceof VerdictError ? error.verdict : 'failure';
}

/** Creates a breaker that nothing has happened to, without jitter. */
export function createHarness(options: Partial<BreakerOptions> = {}): Harness {
  const events = createEventBus<BreakerEventMap>();
  const heard = { transitions: [], calls: [], rejections: [], configured: [] } as Pick<
    Harness,
    'transitions' | 'calls' | 'rejections' | 'configured'
  >;
  events.on('transition', (event) => heard.transitions.push(event));
  events.on('call', (event) => heard.calls.push(event));
  events.on('rejections', (event) => heard.rejections.push(event));
  events.on('configured', (event) => heard.configured.push(event));
  const breaker = createBreaker({ name: 'a→b', events, random: () => 0, ...options });

  const begin = () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let seen: AbortSignal | undefined;
    const work = (signal: AbortSignal) => {
      seen = signal;
      return promise;
    };
    const ended = breaker.run(work, { classify }).catch((error: unknown) => error);
    return {
      signal: () => seen,
      ended,
      async end(verdict: Verdict) {
        if (verdict === 'success') resolve('fine');
        else reject(new VerdictError(verdict));
        await ended;
      },
    };
  };

  const call = async (verdict: Verdict) => {
    const pending = begin();
    if (pending.signal() === undefined) {
      await pending.ended;
      return 'rejected';
    }
    await pending.end(verdict);
    return 'passed';
  };

  return {
    breaker,
    ...heard,
    begin,
    call,
    async repeat(times, verdict) {
      for (let made = 0; made < times; made += 1) await call(verdict);
    },
  };
}
