/**
 * The resilience pipeline in front of a neighbour, outermost part first:
 *
 *     deadline → bulkhead → retry → choose an instance → its breaker → attempt time-out → HTTP
 *
 * The sequence decides what counts: a full bulkhead never counts against the neighbour, and a slow neighbour always
 * does. What is sent, and what an answer means, is up to the caller.
 */
import type { Bulkhead } from './bulkhead.ts';
import type { Deadline } from './deadline.ts';
import { AttemptTimeoutError, BulkheadFullError, NeighbourError, toNeighbourFault } from './errors.ts';
import { backOffMs, type Instance, type Instances } from './instances.ts';
import { type RetrySettings, retry } from './retry.ts';

/** Settings of one call that replace those of the pipeline. */
export interface CallPolicy<F = never> {
  /** Attempts, the first included; minimum 1. */
  readonly attempts?: number;
  /** Longest time of one attempt in milliseconds; minimum 1. */
  readonly timeoutMs?: number;
  /** Creates the answer when the call fails; without it the error is thrown. */
  readonly fallback?: (error: unknown) => F;
}

/** One call: how long its caller waits, and the headers that it propagates. */
export interface CallContext {
  readonly deadline: Deadline;
  readonly propagatedHeaders: Readonly<Record<string, string>>;
  /** The caller retries itself: only one layer may, otherwise three layers would make 3 × 3 × 3 calls. */
  readonly callerRetries: boolean;
  /** Nobody waits for the answer: it is counted apart from the calls that somebody waits for. @default false */
  readonly background?: boolean;
}

/** One attempt at one instance. */
export interface Attempt {
  /** The address of the chosen instance. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** It decides whether the breaker closes. */
  readonly isProbe: boolean;
  /** The headers of the call, as `AroundCall` changed them. */
  readonly propagatedHeaders: Readonly<Record<string, string>>;
}

/** Sends through the pipeline; rejects with what the last attempt threw, or with a `NotSentError`. */
export type Pipeline = <T, F = never>(
  call: CallContext,
  send: (attempt: Attempt) => Promise<T>,
  policy?: CallPolicy<F>,
) => Promise<T | F>;

/**
 * Wraps each call through a breaker, such as with a span of a trace: gets the name of the breaker and the headers of the
 * call, and gives `work` the headers to send. Also wraps a call that is rejected or finds no slot.
 */
export type AroundCall = <T>(
  breaker: string,
  propagatedHeaders: CallContext['propagatedHeaders'],
  work: (propagatedHeaders: CallContext['propagatedHeaders']) => Promise<T>,
) => Promise<T>;

/** The parts, outermost first. Numbers are read when a call begins, so that a getter can change them for later calls. */
export interface PipelineOptions {
  readonly bulkhead: Bulkhead;
  readonly retries: RetrySettings;
  readonly instances: Instances;
  readonly attemptTimeoutMs: number;
  readonly around?: AroundCall;
  /** Called with the error of a call that is answered with its fallback. */
  readonly onFallback?: (error: unknown) => void;
}

/** Composes the pipeline. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { bulkhead, retries, instances } = options;
  const around: AroundCall =
    options.around ?? ((_breaker, propagatedHeaders, work) => work(propagatedHeaders));

  return async (call, send, policy = {}) => {
    const { attempts = retries.attempts, timeoutMs = options.attemptTimeoutMs, fallback } = policy;
    const settings = { ...retries, attempts: call.callerRetries ? 1 : attempts };
    const tried = new Set<Instance>();
    const isElsewhere = () => instances.isCallPermitted(tried);
    const work = () =>
      retry(settings, call.deadline, () => attempt(call, send, timeoutMs, tried), isElsewhere);
    try {
      call.deadline.throwIfExpired();
      return await bulkhead.run(work, call.deadline.leftMs()).catch((error: unknown) => {
        if (!(error instanceof BulkheadFullError)) throw error;
        return rejectSaturated(call, error);
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
    const isRetry = tried.size > 0;
    tried.add(instance);
    return around(breaker.name, call.propagatedHeaders, (propagatedHeaders) =>
      breaker.run(
        async (signal) => {
          const end = instance.begin();
          const isProbe = breaker.stateView().state === 'half_open';
          let answered = false;
          try {
            const answer = await send({ url, timeoutMs, signal, isProbe, propagatedHeaders });
            answered = true;
            return answer;
          } finally {
            end(answered);
          }
        },
        {
          background: call.background ?? false,
          isRetry,
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

  /** Counts a call that found no slot at the instance that it would have gone to. */
  function rejectSaturated(call: CallContext, error: BulkheadFullError): Promise<never> {
    const { breaker } = instances.choose();
    return around(breaker.name, call.propagatedHeaders, async () => {
      breaker.recordSaturated(call);
      throw error;
    });
  }
}

/** Prefers other instances after an error that is no failure, but that the next call would get too. */
function backOff(instance: Instance, { code, retryAfterMs }: NeighbourError): void {
  if (code === 'neighbour-busy') instance.pauseFor(retryAfterMs ?? backOffMs.rest);
  if (code === 'neighbour-misconfigured') instance.avoidFor(backOffMs.avoid);
}

/**
 * A time-out counts against the neighbour only if the attempt had at least half of its time: otherwise one client with
 * short deadlines could open the breaker for all others. docs/breaker.md has the whole table.
 */
function classify(error: unknown, cutShort: boolean): 'failure' | 'timeout' | 'ignored' {
  if (error instanceof NeighbourError && error.isDuplicate) return 'ignored';
  if (error instanceof AttemptTimeoutError) return cutShort ? 'ignored' : 'timeout';
  return error instanceof NeighbourError && toNeighbourFault(error) === 'failure' ? 'failure' : 'ignored';
}
