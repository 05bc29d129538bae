/**
 * The resilience pipeline in front of the next hop, outermost part first:
 *
 *     deadline → bulkhead → retry → choose an instance → its breaker → attempt time-out → HTTP
 *
 * The sequence decides what counts: a full bulkhead never counts against the neighbour, and a slow neighbour always
 * does. What is sent and what an answer means is the caller's business (forward.ts, read-next.ts).
 */
import type { Bulkhead } from './bulkhead.ts';
import type { Deadline } from './deadline.ts';
import {
  AttemptTimeoutError,
  BulkheadFullError,
  CallError,
  type CallErrorCode,
  NeighbourError,
} from './errors.ts';
import type { Instance, Instances } from './instances.ts';
import { type RetrySettings, retry } from './retry.ts';

/** What one call may say otherwise than the settings of the service. */
export interface CallPolicy<F = never> {
  /** Attempts, the first included; minimum 1. */
  readonly attempts?: number;
  /** Longest time of one attempt in milliseconds; minimum 1. */
  readonly timeoutMs?: number;
  /** Makes the answer when there is none; without it the error is thrown. */
  readonly fallback?: (error: unknown) => F;
}

/** One call: how long its caller waits, under which headers it goes. */
export interface CallContext {
  readonly deadline: Deadline;
  readonly propagatedHeaders: Readonly<Record<string, string>>;
  /** Somebody before this hop retries already: only one layer may, or three hops would make 3 × 3 × 3 calls. */
  readonly callerRetries: boolean;
}

/** One attempt at one instance. */
export interface Attempt {
  /** The create endpoint of the chosen instance. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The headers of the call, as whoever is around the call hands them on. */
  readonly propagatedHeaders: Readonly<Record<string, string>>;
}

/** Sends through the pipeline; rejects with what the last attempt threw, or with a `NotSentError`. */
export type Pipeline = <T, F = never>(
  call: CallContext,
  send: (attempt: Attempt) => Promise<T>,
  policy?: CallPolicy<F>,
) => Promise<T | F>;

/**
 * Stands around each call through a breaker, such as with a span of a trace: hears which breaker it is and under which
 * headers the call goes, and hands on the headers for what is inside. Also one that is rejected or finds no slot.
 */
export type AroundCall = <T>(
  breaker: string,
  propagatedHeaders: CallContext['propagatedHeaders'],
  work: (propagatedHeaders: CallContext['propagatedHeaders']) => Promise<T>,
) => Promise<T>;

/** The parts, outermost first. */
export interface PipelineOptions {
  readonly bulkhead: Bulkhead;
  readonly retries: RetrySettings;
  readonly instances: Instances;
  readonly attemptTimeoutMs: number;
  readonly around?: AroundCall;
  /** Hears why a call was answered with its fallback. */
  readonly onFallback?: (error: unknown) => void;
}

/** Composes the pipeline. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { bulkhead, retries, instances, attemptTimeoutMs } = options;
  const around: AroundCall =
    options.around ?? ((_breaker, propagatedHeaders, work) => work(propagatedHeaders));

  return async (call, send, { attempts = retries.attempts, timeoutMs = attemptTimeoutMs, fallback } = {}) => {
    const settings = { ...retries, attempts: call.callerRetries ? 1 : attempts };
    const tried = new Set<Instance>();
    const isElsewhere = () => instances.isCallPermitted(tried);
    const work = () =>
      retry(settings, call.deadline, () => attempt(call, send, timeoutMs, tried), isElsewhere);
    try {
      call.deadline.throwIfExpired();
      return await bulkhead.run(work, call.deadline.leftMs()).catch((error: unknown) => {
        if (!(error instanceof BulkheadFullError)) throw error;
        return saturated(call, error);
      });
    } catch (error) {
      if (fallback === undefined) throw error;
      options.onFallback?.(error);
      return fallback(error);
    }
  };

  async function attempt<T>(
    call: CallContext,
    send: (attempt: Attempt) => Promise<T>,
    limitMs: number,
    tried: Set<Instance>,
  ): Promise<T> {
    call.deadline.throwIfExpired();
    const timeoutMs = Math.min(limitMs, call.deadline.leftMs());
    const instance = instances.choose(tried);
    const { breaker, url } = instance;
    tried.add(instance);
    return around(breaker.name, call.propagatedHeaders, (propagatedHeaders) =>
      breaker.run(
        async (signal) => {
          const end = instance.begin();
          let answered = false;
          try {
            const answer = await send({ url, timeoutMs, signal, propagatedHeaders });
            answered = true;
            return answer;
          } finally {
            end(answered);
          }
        },
        {
          classify(error) {
            const verdict = classify(error, timeoutMs < limitMs / 2);
            if (verdict === 'timeout') void instance.checkLiveness();
            if (error instanceof NeighbourError) backOff(instance, error);
            return verdict;
          },
        },
      ),
    );
  }

  /** A call that found no slot is counted at the instance that it would have gone to. */
  function saturated(call: CallContext, error: BulkheadFullError): Promise<never> {
    const { breaker } = instances.choose();
    return around(breaker.name, call.propagatedHeaders, async () => {
      breaker.recordSaturated();
      throw error;
    });
  }
}

/** How long an instance rests that does not say for how long, and how long one is avoided that is of no use. */
const backOffMs = { rest: 1000, avoid: 5000 } as const;

/** Lets others go first where an error is no failure and yet the next call would meet the same. */
function backOff(instance: Instance, { code, retryAfterMs }: NeighbourError): void {
  if (code === 'neighbour-busy') instance.rest(retryAfterMs ?? backOffMs.rest);
  if (code === 'neighbour-misconfigured') instance.avoid(backOffMs.avoid);
}

/** What says nothing about the neighbour's health, whatever it says about the document or the way there. */
const notItsHealth = new Set<CallErrorCode>([
  'document-not-taken',
  'neighbour-misconfigured',
  'neighbour-busy',
]);

/**
 * A time-out counts against the neighbour only if it had a fair share of the time: otherwise one impatient client
 * could open the breaker for all others. docs/breaker.md has the whole table.
 */
function classify(error: unknown, cutShort: boolean): 'failure' | 'timeout' | 'ignored' {
  if (error instanceof AttemptTimeoutError) return cutShort ? 'ignored' : 'timeout';
  return error instanceof CallError && !notItsHealth.has(error.code) ? 'failure' : 'ignored';
}
