/**
 * The caller in virtual time: what `createPipeline` does with a call, from its deadline to its last attempt. Balancer
 * and budget are the real ones; breaker and bulkhead have models, because their timers and promises do not fit. Tests
 * compare it with the real pipeline, call by call.
 */
import type { Strategy } from '../balancer.ts';
import { type BreakerSettings, breakerDefaults } from '../breaker-settings.ts';
import type { BreakerState, TransitionReason } from '../breaker-state.ts';
import { createRetryBudget, unlimitedBudget } from '../budget.ts';
import { marginMs } from '../deadline.ts';
import { backOffMs, createInstances, type Instance, type PeerStatus } from '../instances.ts';
import { toRetryWaitMs } from '../retry-wait.ts';
import { type BreakerModel, createBreakerModel, type ModelCall, type ModelVerdict } from './breaker-model.ts';
import { createBulkheadModel } from './bulkhead-model.ts';
import type { Policy } from './policy.ts';
import { cancel, type Planned, type VirtualTime } from './virtual-time.ts';

/** An answer, as its meaning: 5xx or refused, busy, not this service, a request that no instance takes. */
export type Answer = 'ok' | 'failed' | 'busy' | 'misconfigured' | 'not-taken';

/** An attempt that was sent. */
export interface SentAttempt {
  /** The number of its call, from 0. */
  readonly call: number;
  /** From 1. */
  readonly attempt: number;
  /** From 0. */
  readonly instance: number;
  readonly timeoutMs: number;
  /** Its caller waits no more: answered, timed out, or cut off as a probe. */
  isOver: boolean;
  /** Answers it; `retryAfterMs` only with a failure. An answer that comes too late changes nothing. */
  answer(answer: Answer, retryAfterMs?: number): void;
}

/** What became of a call: `rejected` by its own side without any attempt that failed. */
export type CallEnd = 'good' | 'failed' | 'rejected';

/** What a caller in virtual time is made of. */
export interface CallerModelOptions {
  readonly policy: Policy;
  readonly instances: number;
  readonly strategy: Strategy;
  readonly slowStartMs: number;
  readonly time: VirtualTime;
  readonly send: (attempt: SentAttempt) => void;
  /** Tells `found` later whether an instance answers anything. */
  readonly askAlive: (instance: number, found: (isAlive: boolean) => void) => void;
  /** 0 to 1, for the wait after so many attempts of a call. */
  readonly randomWait: (call: number, attempts: number) => number;
  /** 0 to 1, for the open periods of an instance's breaker. */
  readonly randomOpen: (instance: number) => number;
  /** 0 to 1, for the balancer. */
  readonly randomChoice: () => number;
  readonly onCallEnd: (call: number, end: CallEnd) => void;
  readonly onAttemptEnd?: (attempt: SentAttempt, isGood: boolean) => void;
  readonly onTransition?: (
    instance: number,
    from: BreakerState,
    to: BreakerState,
    reason: TransitionReason,
  ) => void;
}

/** A caller in virtual time. */
export interface CallerModel {
  /** A call is due now. */
  call(index: number): void;
  readonly breakers: readonly BreakerModel[];
}

interface RunningCall {
  readonly index: number;
  readonly endsAt: number;
  readonly tried: Set<Instance<BreakerModel>>;
  attempts: number;
  /** Attempts that were sent. */
  sent: number;
}

interface RunningAttempt extends SentAttempt {
  readonly owner: RunningCall;
  readonly target: Instance<BreakerModel>;
  readonly release: ((answered: boolean) => void) | null;
  passed: ModelCall | null;
  timer: Planned | null;
}

/** The breaker of a policy without one: a share of failures above 1 never comes. */
const neverOpens: BreakerSettings = { ...breakerDefaults, thresholdRatio: 1 };

/** What an error says about a retry: the neighbour failed, another instance may take it, or a retry is in vain. */
const faults = {
  failed: 'failure',
  timeout: 'failure',
  busy: 'elsewhere',
  misconfigured: 'elsewhere',
} as const;
type Failed = keyof typeof faults | 'not-taken' | 'not-sent';

/** Creates a caller whose breakers are closed. */
export function createCallerModel(options: CallerModelOptions): CallerModel {
  const { policy, time, send, onCallEnd, onAttemptEnd } = options;
  const clock = () => time.nowMs;
  const deadlineMs = policy.deadlineMs ?? Number.POSITIVE_INFINITY;
  const budget = policy.budget === null ? unlimitedBudget : createRetryBudget(policy.budget, clock);
  const bulkhead = createBulkheadModel(policy.bulkhead, time);
  const breakers: BreakerModel[] = [];
  const peers: PeerStatus[] = [];
  const asked = new Set<number>();
  const instances = createInstances<BreakerModel>({
    name: 'the neighbour',
    strategy: options.strategy,
    slowStartMs: options.slowStartMs,
    clock,
    random: options.randomChoice,
    isAlive: async () => true, // asked in virtual time instead
    createBreaker(url, status) {
      const instance = Number(url);
      peers[instance] = status;
      const breaker = createBreakerModel({
        settings: policy.breaker ?? neverOpens,
        time,
        random: () => options.randomOpen(instance),
        onTransition: (from, to, reason) => options.onTransition?.(instance, from, to, reason),
        ...status,
      });
      breakers[instance] = breaker;
      return breaker;
    },
  });
  instances.set(Array.from({ length: options.instances }, (_, index) => `${index}`));
  const list = instances.list();
  // With one instance there is nothing to choose, and the balancer would be most of the work.
  const only = list.length === 1 ? list[0] : undefined;

  return { call, breakers };

  function call(index: number): void {
    const running: RunningCall = {
      index,
      endsAt: time.nowMs + deadlineMs,
      tried: new Set(),
      attempts: 0,
      sent: 0,
    };
    const leftMs = toLeftMs(running);
    if (leftMs <= marginMs) {
      onCallEnd(index, 'rejected');
      return;
    }
    bulkhead.enter(
      leftMs,
      () => {
        budget.earn();
        attempt(running);
      },
      () => {
        if (only === undefined) instances.choose();
        onCallEnd(index, 'rejected');
      },
    );
  }

  function toLeftMs({ endsAt }: RunningCall): number {
    return Math.max(0, Math.floor(endsAt - time.nowMs));
  }

  function attempt(running: RunningCall): void {
    running.attempts += 1;
    const leftMs = toLeftMs(running);
    if (leftMs <= marginMs) {
      fail(running, 'not-sent');
      return;
    }
    const target = only ?? instances.choose(running.tried);
    running.tried.add(target);
    if (target.breaker.isCallPermitted()) start(running, target, leftMs);
    else fail(running, 'not-sent');
  }

  function start(running: RunningCall, target: Instance<BreakerModel>, leftMs: number): void {
    running.sent += 1;
    const sent: RunningAttempt = {
      call: running.index,
      attempt: running.attempts,
      instance: Number(target.url),
      timeoutMs: Math.min(policy.attemptTimeoutMs, leftMs),
      isOver: false,
      owner: running,
      target,
      release: only === undefined ? target.begin() : null,
      passed: null,
      timer: null,
      answer(answer, retryAfterMs) {
        if (!sent.isOver) end(sent, answer, retryAfterMs);
      },
    };
    sent.passed = target.breaker.begin(() => endProbe(sent));
    sent.timer = time.after(sent.timeoutMs, () => end(sent, 'timeout'));
    send(sent);
  }

  function end(sent: RunningAttempt, answer: Answer | 'timeout', retryAfterMs?: number): void {
    settle(sent, answer === 'ok');
    const { target, passed } = sent;
    const verdict = toVerdict(sent, answer);
    if (verdict === 'timeout') checkLiveness(sent);
    if (answer === 'busy') target.pauseFor(retryAfterMs ?? backOffMs.rest);
    if (answer === 'misconfigured') target.avoidFor(backOffMs.avoid);
    if (passed !== null) target.breaker.end(passed, verdict, retryAfterMs);
    if (answer === 'ok') finish(sent.owner, 'good');
    else fail(sent.owner, answer, retryAfterMs);
  }

  /** The breaker has judged it already. */
  function endProbe(sent: RunningAttempt): void {
    settle(sent, false);
    fail(sent.owner, 'timeout');
  }

  function settle(sent: RunningAttempt, isGood: boolean): void {
    sent.isOver = true;
    cancel(sent.timer);
    sent.release?.(isGood);
    onAttemptEnd?.(sent, isGood);
  }

  /** A time-out counts only if the attempt had at least half of its time. */
  function toVerdict({ timeoutMs }: RunningAttempt, answer: Answer | 'timeout'): ModelVerdict {
    if (answer === 'ok') return 'success';
    if (answer === 'timeout') return timeoutMs < policy.attemptTimeoutMs / 2 ? 'ignored' : 'timeout';
    return answer === 'failed' ? 'failure' : 'ignored';
  }

  function checkLiveness({ target, instance }: RunningAttempt): void {
    if (only !== undefined || asked.has(instance) || !peers[instance]?.isReplaceable()) return;
    asked.add(instance);
    options.askAlive(instance, (isAlive) => {
      asked.delete(instance);
      if (!isAlive && peers[instance]?.isReplaceable()) target.breaker.trip();
    });
  }

  function fail(running: RunningCall, why: Failed, retryAfterMs = 0): void {
    const { index, attempts } = running;
    const waitMs = toRetryWaitMs(attempts, () => options.randomWait(index, attempts));
    const hasTime = toLeftMs(running) - waitMs > 2 * marginMs;
    const isOver = attempts >= policy.attempts || !mayHelp(running, why, waitMs, retryAfterMs);
    if (isOver || !hasTime || !budget.spend()) {
      finish(running, running.sent === 0 ? 'rejected' : 'failed');
      return;
    }
    time.after(waitMs, () => attempt(running));
  }

  function mayHelp({ tried }: RunningCall, why: Failed, waitMs: number, retryAfterMs: number): boolean {
    if (why === 'not-sent' || why === 'not-taken') return false;
    return (
      (faults[why] === 'failure' && retryAfterMs <= waitMs) ||
      (only === undefined && instances.isCallPermitted(tried))
    );
  }

  function finish({ index }: RunningCall, end: CallEnd): void {
    onCallEnd(index, end);
    bulkhead.leave();
  }
}
