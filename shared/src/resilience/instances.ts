/**
 * The instances of the next hop: who is there, whose breaker lets calls pass, and who gets the next call.
 *
 * Every instance has a breaker of its own, so that a sick one is left out and the others go on. One that comes back
 * from an open breaker begins slowly. The last one that still answers is never left out: when all others are out, a
 * share of failures does not open its breaker as long as some of its calls succeed.
 *
 * One that asks for patience rests, and one that is a stranger is avoided: both say nothing about anybody's health, so
 * no breaker opens, but others go first.
 *
 * While others are well, one is left out sooner than a neighbour that is alone: when its last calls all failed, and when
 * a call timed out and it gives no sign of life. A share over ten good seconds would notice both far too late.
 */

import { type Candidate, choose, type Strategy } from './balancer.ts';
import type { Breaker } from './breaker.ts';
import type { Clock } from './deadline.ts';
import { NoInstanceError } from './errors.ts';

/** One instance of the next hop. */
export interface Instance extends Candidate {
  /** Its create endpoint. */
  readonly url: string;
  readonly breaker: Breaker;
  /** A call has timed out: when others could take its place it is asked for a sign of life, and left out without. */
  checkLiveness(): Promise<void>;
  /** It asks to be left alone for so long: old work does not wake it, and others go first. Its next answer ends that. */
  rest(ms: number): void;
  /** It is of no use to anybody, such as a stranger at its address: for so long others go first. */
  avoid(ms: number): void;
  /** A call begins; the function that is handed back ends it. */
  begin(): (answered: boolean) => void;
}

/** How one instance stands among the others; asked by its breaker. */
export interface PeerStatus {
  /** It is the last one that still answers. */
  readonly isLastHealthy: () => boolean;
  /** Others are there, and they are well. */
  readonly isReplaceable: () => boolean;
}

/** What instances are made of. */
export interface InstancesOptions {
  /** What the next hop is called, in messages. */
  readonly name: string;
  readonly strategy: Strategy;
  /** Creates the breaker of one instance. */
  readonly createBreaker: (url: string, peers: PeerStatus) => Breaker;
  /** Whether the instance at `url` answers anything at all, soon. Never rejects. */
  readonly isAlive: (url: string) => Promise<boolean>;
  /** Hears of an instance that is there no more, after its breaker has stopped. */
  readonly onGone?: (breaker: Breaker) => void;
  /** How long an instance takes back to its full share after its breaker has closed. */
  readonly slowStartMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The instances of the next hop. */
export interface Instances {
  /** Makes these the ones that are there; those that stay keep their breakers. */
  set(urls: readonly string[]): void;
  list(): readonly Instance[];
  /** Whether any of them, other than `tried`, would take a call now and does not rest. Asking changes nothing. */
  isCallPermitted(tried?: ReadonlySet<Instance>): boolean;
  /**
   * Chooses the one for the next call, rather none of `tried` and none that rests. When no breaker lets a call pass it is the one that
   * will first, so that its breaker can say when.
   *
   * @throws {NoInstanceError} when there is none at all.
   */
  choose(tried?: ReadonlySet<Instance>): Instance;
  /** Hears when an instance appears where there was none; answers the way to end it. */
  onAppear(listener: () => void): () => void;
  stop(): void;
}

interface Kept extends Instance {
  pending: number;
  chosenAt: number;
  restsUntil: number;
  avoidedUntil: number;
}

/** Weight of the newest answer in the moving average of latencies. */
const newest = 0.2;
/** What was measured loses half its weight in this time, so that one that was slow is tried again. */
const halfLifeMs = 5_000;
/** Share of its turns that an instance gets at the beginning of its slow start. */
const firstShare = 0.1;

/** Creates the instances; none is there yet. */
export function createInstances(options: InstancesOptions): Instances {
  const { name, strategy, slowStartMs, clock, random } = options;
  const kept = new Map<string, Kept>();
  const listeners = new Set<() => void>();
  let choices = 0;

  return {
    set(urls) {
      const wanted = new Set(urls);
      const wasEmpty = kept.size === 0;
      for (const [url, instance] of kept) {
        if (wanted.has(url)) continue;
        kept.delete(url);
        instance.breaker.stop();
        options.onGone?.(instance.breaker);
      }
      for (const url of wanted) if (!kept.has(url)) kept.set(url, create(url));
      if (wasEmpty && kept.size > 0) for (const listener of listeners) listener();
    },
    list: () => [...kept.values()],
    isCallPermitted: (tried = new Set()) =>
      [...kept.values()].some(
        (one) => one.breaker.isCallPermitted() && one.restsUntil <= clock() && !tried.has(one),
      ),
    choose(tried = new Set()) {
      const letting = [...kept.values()].filter(({ breaker }) => breaker.isCallPermitted());
      const useful = letting.filter(isUseful);
      const fresh = useful.filter((instance) => !tried.has(instance));
      const warm = fresh.filter(takesItsTurn);
      const [first, ...others] = [warm, fresh, useful, letting].find(({ length }) => length > 0) ?? soonest();
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
      for (const { breaker } of kept.values()) breaker.stop();
    },
  };

  function create(url: string): Kept {
    let asked: Promise<void> | undefined;
    let averageMs = 0;
    let measuredAt = clock();
    const instance: Kept = {
      url,
      breaker: options.createBreaker(url, {
        isLastHealthy: () => isLastOf(instance),
        isReplaceable: () => isReplaceable(instance),
      }),
      pending: 0,
      get latencyMs() {
        return averageMs * 0.5 ** ((clock() - measuredAt) / halfLifeMs);
      },
      // As if it had just been chosen: a newcomer joins the round and is not flooded.
      chosenAt: choices,
      restsUntil: 0,
      rest(ms) {
        instance.restsUntil = clock() + ms;
      },
      avoidedUntil: 0,
      avoid(ms) {
        instance.avoidedUntil = clock() + ms;
      },
      async checkLiveness() {
        if (!isReplaceable(instance)) return;
        asked ??= options.isAlive(url).then((isAlive) => {
          asked = undefined;
          if (!isAlive && isReplaceable(instance)) instance.breaker.trip();
        });
        await asked;
      },
      begin() {
        const begunAt = clock();
        instance.pending += 1;
        return (answered) => {
          instance.pending -= 1;
          if (!answered) return;
          instance.restsUntil = 0;
          instance.avoidedUntil = 0;
          const tookMs = clock() - begunAt;
          averageMs = averageMs === 0 ? tookMs : averageMs + newest * (tookMs - averageMs);
          measuredAt = clock();
        };
      },
    };
    return instance;
  }

  /** One of several, and all others are out. */
  function isLastOf(instance: Kept): boolean {
    const others = [...kept.values()].filter((other) => other !== instance);
    return others.length > 0 && others.every((other) => !isClosed(other));
  }

  /**
   * Others are closed, and fail less than half of what would open them. Where all fail alike, the trouble is behind
   * them, and leaving out one after the other would only narrow the way.
   */
  function isReplaceable(instance: Kept): boolean {
    const others = [...kept.values()].filter((other) => other !== instance && isClosed(other));
    const views = others.map(({ breaker }) => breaker.view());
    const calls = views.reduce((sum, { window }) => sum + window.calls, 0);
    const failures = views.reduce((sum, { window }) => sum + window.failures, 0);
    const bearable = (views[0]?.config.thresholdRatio ?? 0) / 2;
    return others.length > 0 && failures <= calls * bearable;
  }

  function isUseful({ restsUntil, avoidedUntil }: Kept): boolean {
    return Math.max(restsUntil, avoidedUntil) <= clock();
  }

  /** Whether an instance gets this turn: always, but for one that has come back a moment ago. */
  function takesItsTurn({ breaker }: Kept): boolean {
    const { closedAt } = breaker;
    if (closedAt === null || slowStartMs === 0) return true;
    const sinceMs = clock() - closedAt;
    if (sinceMs < 0) return true; // the clock was set back, and nobody knows how long ago it closed
    const share = Math.max(firstShare, sinceMs / slowStartMs);
    return share >= 1 || random() < share;
  }

  /** The one whose breaker will let a call pass first, alone. */
  function soonest(): Kept[] {
    const opensAt = ({ breaker }: Kept) => {
      const { probeAt, probeUntil, until } = breaker.stateView();
      return probeAt ?? probeUntil ?? until ?? Number.POSITIVE_INFINITY;
    };
    return [...kept.values()].sort((a, b) => opensAt(a) - opensAt(b)).slice(0, 1);
  }
}

function isClosed({ breaker }: Instance): boolean {
  return breaker.stateView().state === 'closed';
}
