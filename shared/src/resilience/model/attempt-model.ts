/**
 * Attempts in virtual time: choose an instance, pass its breaker, send, and judge what came back. Balancer and view of peers
 * are the real ones; caller-model.ts has what is around an attempt.
 */
import type { Strategy } from '../balancer.ts';
import { type BreakerSettings, breakerDefaults } from '../breaker-settings.ts';
import type { BreakerState, TransitionReason } from '../breaker-state.ts';
import { backOffMs, createInstances, type Instance, type PeerStatus } from '../instances.ts';
import { type BreakerModel, createBreakerModel, type ModelCall, type ModelVerdict } from './breaker-model.ts';
import type { Policy } from './policy.ts';
import { cancel, type Planned, type VirtualTime } from './virtual-time.ts';

/** An answer, as its meaning: 5xx or refused, busy, not this service, a request that no instance takes. */
export type Answer = 'ok' | 'failed' | 'busy' | 'misconfigured' | 'not-taken';

/** How an attempt ended. */
export type AttemptEnd = Answer | 'timeout' | 'not-sent';

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

/** A call whose attempts are made. */
export interface AttemptedCall {
  /** From 0. */
  readonly index: number;
  readonly tried: Set<Instance<BreakerModel>>;
  /** Attempts, whether they were sent or not. */
  attempts: number;
  sent: number;
}

/** What attempts are made of. */
export interface AttemptModelOptions {
  readonly policy: Pick<Policy, 'breaker' | 'attemptTimeoutMs'>;
  readonly instances: number;
  readonly strategy: Strategy;
  readonly slowStartMs: number;
  readonly time: VirtualTime;
  readonly send: (attempt: SentAttempt) => void;
  /** Tells `found` later whether an instance answers anything. */
  readonly askAlive: (instance: number, found: (isAlive: boolean) => void) => void;
  /** 0 to 1, for the open periods of an instance's breaker. */
  readonly randomOpen: (instance: number) => number;
  /** 0 to 1, for the balancer. */
  readonly randomChoice: () => number;
  readonly onAttemptEnd?: (attempt: SentAttempt, isGood: boolean) => void;
  readonly onTransition?: (
    instance: number,
    from: BreakerState,
    to: BreakerState,
    reason: TransitionReason,
  ) => void;
}

/** Makes attempts. */
export interface AttemptModel<C extends AttemptedCall> {
  /** Makes an attempt of a call that has so much time left; its end is told later or at once. */
  make(call: C, leftMs: number): void;
  /** Whether an attempt would go to an instance that was not tried yet. */
  isElsewhere(call: C): boolean;
  /** Counts a call that found no slot at the instance that it would have gone to. */
  passOver(): void;
}

interface RunningAttempt<C> extends SentAttempt {
  readonly owner: C;
  readonly target: Instance<BreakerModel>;
  readonly release: ((answered: boolean) => void) | null;
  passed: ModelCall | null;
  timer: Planned | null;
}

/** The breaker of a policy without one: a share of failures above 1 never comes. */
const neverOpens: BreakerSettings = { ...breakerDefaults, thresholdRatio: 1 };

/** Creates attempts whose breakers are closed; `onEnd` hears how each attempt of a call ended. */
export function createAttemptModel<C extends AttemptedCall>(
  { policy, time, send, askAlive, onAttemptEnd, ...options }: AttemptModelOptions,
  onEnd: (call: C, end: AttemptEnd, retryAfterMs?: number) => void,
): AttemptModel<C> {
  const peers: PeerStatus[] = [];
  const asked = new Set<number>();
  const instances = createInstances<BreakerModel>({
    name: 'the neighbour',
    strategy: options.strategy,
    slowStartMs: options.slowStartMs,
    clock: () => time.nowMs,
    random: options.randomChoice,
    isAlive: async () => true, // asked in virtual time instead
    createBreaker(url, status) {
      const instance = Number(url);
      peers[instance] = status;
      return createBreakerModel({
        settings: policy.breaker ?? neverOpens,
        time,
        random: () => options.randomOpen(instance),
        onTransition: (from, to, reason) => options.onTransition?.(instance, from, to, reason),
        ...status,
      });
    },
  });
  instances.set(Array.from({ length: options.instances }, (_, index) => `${index}`));
  const list = instances.list();
  // With one instance there is nothing to choose, and the balancer would be most of the work.
  const only = list.length === 1 ? list[0] : undefined;

  return {
    make(call, leftMs) {
      const target = only ?? instances.choose(call.tried);
      call.tried.add(target);
      if (target.breaker.isCallPermitted()) start(call, target, Math.min(policy.attemptTimeoutMs, leftMs));
      else onEnd(call, 'not-sent');
    },
    isElsewhere: ({ tried }) => only === undefined && instances.isCallPermitted(tried),
    passOver() {
      if (only === undefined) instances.choose();
    },
  };

  function start(owner: C, target: Instance<BreakerModel>, timeoutMs: number): void {
    owner.sent += 1;
    const sent: RunningAttempt<C> = {
      call: owner.index,
      attempt: owner.attempts,
      instance: Number(target.url),
      timeoutMs,
      isOver: false,
      owner,
      target,
      release: only === undefined ? target.begin() : null,
      passed: null,
      timer: null,
      answer(answer, retryAfterMs) {
        if (!sent.isOver) end(sent, answer, retryAfterMs);
      },
    };
    sent.passed = target.breaker.begin(() => endProbe(sent));
    sent.timer = time.after(timeoutMs, () => end(sent, 'timeout'));
    send(sent);
  }

  function end(sent: RunningAttempt<C>, answer: Answer | 'timeout', retryAfterMs?: number): void {
    settle(sent, answer === 'ok');
    const { target, passed } = sent;
    const verdict = toVerdict(sent, answer);
    if (verdict === 'timeout') checkLiveness(sent);
    if (answer === 'busy') target.pauseFor(retryAfterMs ?? backOffMs.rest);
    if (answer === 'misconfigured') target.avoidFor(backOffMs.avoid);
    if (passed !== null) target.breaker.end(passed, verdict, retryAfterMs);
    onEnd(sent.owner, answer, retryAfterMs);
  }

  /** The breaker has judged it already. */
  function endProbe(sent: RunningAttempt<C>): void {
    settle(sent, false);
    onEnd(sent.owner, 'timeout');
  }

  function settle(sent: RunningAttempt<C>, isGood: boolean): void {
    sent.isOver = true;
    cancel(sent.timer);
    sent.release?.(isGood);
    onAttemptEnd?.(sent, isGood);
  }

  /** A time-out counts only if the attempt had at least half of its time. */
  function toVerdict({ timeoutMs }: SentAttempt, answer: Answer | 'timeout'): ModelVerdict {
    if (answer === 'ok') return 'success';
    if (answer === 'timeout') return timeoutMs < policy.attemptTimeoutMs / 2 ? 'ignored' : 'timeout';
    return answer === 'failed' ? 'failure' : 'ignored';
  }

  function checkLiveness({ target, instance }: RunningAttempt<C>): void {
    if (only !== undefined || asked.has(instance) || !peers[instance]?.isReplaceable()) return;
    asked.add(instance);
    askAlive(instance, (isAlive) => {
      asked.delete(instance);
      if (!isAlive && peers[instance]?.isReplaceable()) target.breaker.trip();
    });
  }
}
