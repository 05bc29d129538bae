/**
 * The instances of one neighbour: which are known, whose breaker lets calls pass, and which gets the next call.
 *
 * Every instance has a breaker of its own, so that calls avoid an unhealthy one. After its breaker has closed, an
 * instance gets a growing share of calls. The breaker of the last instance that answers does not open by its share of
 * failures as long as some of its calls succeed.
 *
 * Other instances are preferred to one that asks for a pause (`pauseFor`) or is misconfigured (`avoidFor`); no breaker opens.
 *
 * While other instances are healthy, a breaker opens sooner: when the last calls all failed, and when a call timed out
 * and a liveness check fails too. The share of failures in a window of ten seconds would take seconds to rise.
 */

import { type Candidate, choose, type Strategy } from './balancer.ts';
import type { Breaker } from './breaker.ts';
import type { BreakerView, StateView } from './breaker-view.ts';
import type { Clock } from './deadline.ts';
import { NoInstanceError } from './errors.ts';

/** What the set of instances asks of a breaker. */
export interface InstanceBreaker extends Pick<Breaker, 'closedAt' | 'isCallPermitted' | 'trip' | 'stop'> {
  stateView(): Pick<StateView, 'state' | 'probeAt' | 'probeUntil' | 'until'>;
  view(): {
    readonly window: Pick<BreakerView['window'], 'calls' | 'failures'>;
    readonly config: Pick<BreakerView['config'], 'thresholdRatio'>;
  };
}

/** One instance of the neighbour. */
export interface Instance<B extends InstanceBreaker = Breaker> extends Candidate {
  /** The address of its endpoint. */
  readonly url: string;
  readonly breaker: B;
  /** Checks after a time-out whether it answers at all, if others can take its calls; trips its breaker if not. */
  checkLiveness(): Promise<void>;
  /** It asked for a pause: for so long, or until its next answer, others are preferred and `isCallPermitted` skips it. */
  pauseFor(ms: number): void;
  /** It is misconfigured, such as another service at its address: for so long, or until its next answer, others are preferred. */
  avoidFor(ms: number): void;
  /** A call begins; the returned function ends it. */
  begin(): (answered: boolean) => void;
}

/** How one instance compares with the others; asked by its breaker. */
export interface PeerStatus {
  /** The breakers of all others are not closed. */
  readonly isLastHealthy: () => boolean;
  /** Others are closed and mostly succeed. */
  readonly isReplaceable: () => boolean;
}

/** Name, strategy and callbacks of a set of instances. */
export interface InstancesOptions<B extends InstanceBreaker = Breaker> {
  /** The name of the neighbour, in messages. */
  readonly name: string;
  readonly strategy: Strategy;
  /** Creates the breaker of one instance. */
  readonly createBreaker: (url: string, peers: PeerStatus) => B;
  /** Whether the instance at `url` answers anything soon. Never rejects. */
  readonly isAlive: (url: string) => Promise<boolean>;
  /** Called for an instance that was removed, after its breaker has stopped. */
  readonly onGone?: (breaker: B) => void;
  /** How long an instance takes back to its full share after its breaker has closed. */
  readonly slowStartMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The instances of one neighbour. */
export interface Instances<B extends InstanceBreaker = Breaker> {
  /** Replaces the known instances; those that stay keep their breakers. */
  set(urls: readonly string[]): void;
  list(): readonly Instance<B>[];
  /** Whether a call to any of them, other than `tried`, would pass now. Changes nothing. */
  isCallPermitted(tried?: ReadonlySet<Instance<B>>): boolean;
  /**
   * Chooses the instance for the next call, if possible none of `tried` and none that rests or is avoided. When no
   * breaker lets a call pass, it is the one whose breaker will first, so that the error says when.
   *
   * @throws {NoInstanceError} when no instance is known.
   */
  choose(tried?: ReadonlySet<Instance<B>>): Instance<B>;
  /** Calls `listener` when the first instance becomes known after there was none; returns the function that unsubscribes. */
  onAppear(listener: () => void): () => void;
  stop(): void;
}

interface InstanceState<B extends InstanceBreaker> extends Instance<B> {
  pending: number;
  chosenAt: number;
  pausedUntil: number;
  avoidedUntil: number;
}

/** Milliseconds for which a busy instance that names no time is left alone, and for which a misconfigured one is. */
export const backOffMs = { rest: 1000, avoid: 5000 } as const;

/** Weight of the newest answer in the moving average of latencies. */
const newestWeight = 0.2;
/** An average loses half of its value in this time, so that an instance that was slow is tried again. */
const halfLifeMs = 5_000;
/** Share of its calls that an instance gets at the beginning of its slow start. */
const firstShare = 0.1;

/** Creates an empty set of instances. */
export function createInstances<B extends InstanceBreaker = Breaker>(
  options: InstancesOptions<B>,
): Instances<B> {
  const { name, strategy, slowStartMs, clock, random } = options;
  const instances = new Map<string, InstanceState<B>>();
  const listeners = new Set<() => void>();
  let choices = 0;

  return {
    set(urls) {
      const wanted = new Set(urls);
      const wasEmpty = instances.size === 0;
      for (const [url, instance] of instances) {
        if (wanted.has(url)) continue;
        instances.delete(url);
        instance.breaker.stop();
        options.onGone?.(instance.breaker);
      }
      for (const url of wanted) if (!instances.has(url)) instances.set(url, create(url));
      if (wasEmpty && instances.size > 0) for (const listener of listeners) listener();
    },
    list: () => [...instances.values()],
    isCallPermitted: (tried = new Set()) =>
      [...instances.values()].some(
        (one) => one.breaker.isCallPermitted() && one.pausedUntil <= clock() && !tried.has(one),
      ),
    choose(tried = new Set()) {
      const permitted = [...instances.values()].filter(({ breaker }) => breaker.isCallPermitted());
      const preferred = permitted.filter(isPreferred);
      const untried = preferred.filter((instance) => !tried.has(instance));
      const started = untried.filter(isAdmitted);
      const [first, ...others] =
        [started, untried, preferred, permitted].find(({ length }) => length > 0) ?? findFirstToPermit();
      if (first === undefined) {
        throw new NoInstanceError(`There is no instance of ${name} now. Nothing was sent.`, {
          retryAfterMs: 1000,
        });
      }
      const chosen = choose(strategy, [first, ...others], random);
      choices += 1;
      chosen.chosenAt = choices;
      return chosen;
    },
    onAppear(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      for (const { breaker } of instances.values()) breaker.stop();
    },
  };

  function create(url: string): InstanceState<B> {
    let check: Promise<void> | undefined;
    let averageMs = 0;
    let measuredAt = clock();
    const instance: InstanceState<B> = {
      url,
      breaker: options.createBreaker(url, {
        isLastHealthy: () => isLastOf(instance),
        isReplaceable: () => isReplaceable(instance),
      }),
      pending: 0,
      get latencyMs() {
        return averageMs * 0.5 ** ((clock() - measuredAt) / halfLifeMs);
      },
      // As if it had just been chosen: otherwise a new instance would get all calls first.
      chosenAt: choices,
      pausedUntil: 0,
      pauseFor(ms) {
        instance.pausedUntil = clock() + ms;
      },
      avoidedUntil: 0,
      avoidFor(ms) {
        instance.avoidedUntil = clock() + ms;
      },
      async checkLiveness() {
        if (!isReplaceable(instance)) return;
        check ??= options.isAlive(url).then((isAlive) => {
          check = undefined;
          if (!isAlive && isReplaceable(instance)) instance.breaker.trip();
        });
        await check;
      },
      begin() {
        const begunAt = clock();
        instance.pending += 1;
        return (answered) => {
          instance.pending -= 1;
          if (!answered) return;
          instance.pausedUntil = 0;
          instance.avoidedUntil = 0;
          const tookMs = clock() - begunAt;
          averageMs = averageMs === 0 ? tookMs : averageMs + newestWeight * (tookMs - averageMs);
          measuredAt = clock();
        };
      },
    };
    return instance;
  }

  /** It is one of several, and the breakers of all others are not closed. */
  function isLastOf(instance: InstanceState<B>): boolean {
    const others = [...instances.values()].filter((other) => other !== instance);
    return others.length > 0 && others.every((other) => !isClosed(other));
  }

  /**
   * Others are closed, and their share of failures is at most half of what would open them. When all fail alike, the
   * fault is behind them, and opening one breaker after the other would only take away capacity.
   */
  function isReplaceable(instance: InstanceState<B>): boolean {
    const others = [...instances.values()].filter((other) => other !== instance && isClosed(other));
    const views = others.map(({ breaker }) => breaker.view());
    const calls = views.reduce((sum, { window }) => sum + window.calls, 0);
    const failures = views.reduce((sum, { window }) => sum + window.failures, 0);
    const maxRatio = (views[0]?.config.thresholdRatio ?? 0) / 2;
    return others.length > 0 && failures <= calls * maxRatio;
  }

  function isPreferred({ pausedUntil, avoidedUntil }: InstanceState<B>): boolean {
    return Math.max(pausedUntil, avoidedUntil) <= clock();
  }

  /** Whether an instance is a candidate for this call: always, except that during its slow start only at random. */
  function isAdmitted({ breaker }: InstanceState<B>): boolean {
    const { closedAt } = breaker;
    if (closedAt === null || slowStartMs === 0) return true;
    const sinceMs = clock() - closedAt;
    if (sinceMs < 0) return true; // the clock was set back
    const share = Math.max(firstShare, sinceMs / slowStartMs);
    return share >= 1 || random() < share;
  }

  /** The instance whose breaker will let a call pass first, as a list. */
  function findFirstToPermit(): InstanceState<B>[] {
    const opensAt = ({ breaker }: InstanceState<B>) => {
      const { probeAt, probeUntil, until } = breaker.stateView();
      return probeAt ?? probeUntil ?? until ?? Number.POSITIVE_INFINITY;
    };
    return [...instances.values()].sort((a, b) => opensAt(a) - opensAt(b)).slice(0, 1);
  }
}

function isClosed({ breaker }: { readonly breaker: InstanceBreaker }): boolean {
  return breaker.stateView().state === 'closed';
}
