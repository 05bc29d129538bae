/**
 * The neighbour in virtual time: instances with workers and a queue, and the faults of a scenario.
 *
 * A call meets the faults of the moment in which it is sent, a slow neighbour when a worker begins with it, and one that hangs
 * or answers late when its answer is due. An instance that goes down loses all that is under way. A caller that gives up
 * frees no worker.
 */
import type { SentAttempt } from './attempt-model.ts';
import { type ActiveFaults, createFaultTimeline } from './fault-timeline.ts';
import type { Scenario } from './scenario.ts';
import { drawUnit, purposes } from './seeded-random.ts';
import { createServiceTimes } from './service-times.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A neighbour in virtual time. */
export interface NeighbourModel {
  /** An attempt arrives. */
  take(attempt: SentAttempt): void;
  /** Its caller waits no more. */
  leave(attempt: SentAttempt): void;
  /** Tells `found` later whether an instance answers anything within half a second. */
  askAlive(instance: number, found: (isAlive: boolean) => void): void;
}

/** How long an instance gets to answer the simplest question, as in the services. */
const signOfLifeMs = 500;

interface InstanceModel {
  busy: number;
  /** Grows when it goes down: work of an earlier life never ends. */
  life: number;
  /** Attempts whose callers wait; kept only if something can go down. */
  readonly underWay: Set<SentAttempt>;
  /** In the sequence in which they came. */
  readonly waiting: Set<SentAttempt>;
}

/** Creates a neighbour that has nothing to do. */
export function createNeighbourModel(
  { neighbour, faults, seed }: Pick<Scenario, 'neighbour' | 'faults' | 'seed'>,
  time: VirtualTime,
): NeighbourModel {
  const { workers, dropsAbandoned, errorRatio, networkMs } = neighbour;
  const queueMax = neighbour.queueMax ?? Number.POSITIVE_INFINITY;
  const drawServiceMs = createServiceTimes(neighbour.serviceMs, seed);
  const faultsOf = createFaultTimeline(faults, time);
  const instances = Array.from(
    { length: neighbour.instances },
    (): InstanceModel => ({ busy: 0, life: 0, underWay: new Set(), waiting: new Set() }),
  );

  const downs = faults.filter(({ type }) => type === 'down');
  for (const { fromMs, instance: of } of downs)
    for (const instance of of === undefined ? instances : instances.slice(of, of + 1))
      time.after(fromMs, () => goDown(instance));

  return {
    take(attempt) {
      const instance = instances[attempt.instance] as InstanceModel;
      if (downs.length > 0) instance.underWay.add(attempt);
      const active = faultsOf(attempt.instance);
      if (active.isDown) return answer(attempt, false, networkMs);
      if (active.hangs) return;
      if (active.flakyRatio > 0 && draw(attempt, purposes.flaky) < active.flakyRatio)
        return answer(attempt, false, networkMs + active.latencyMs);
      if (instance.busy < workers) {
        instance.busy += 1;
        work(attempt, instance);
      } else if (instance.waiting.size < queueMax) instance.waiting.add(attempt);
      else answer(attempt, false, networkMs + active.latencyMs);
    },
    leave(attempt) {
      const instance = instances[attempt.instance];
      instance?.underWay.delete(attempt);
      if (dropsAbandoned) instance?.waiting.delete(attempt);
    },
    askAlive(instance, found) {
      const active: ActiveFaults = faultsOf(instance);
      const answersAfterMs = active.hangs ? Number.POSITIVE_INFINITY : networkMs + active.latencyMs;
      const isAlive = !active.isDown && answersAfterMs < signOfLifeMs;
      time.after(active.isDown ? networkMs : Math.min(answersAfterMs, signOfLifeMs), () => found(isAlive));
    },
  };

  function work(attempt: SentAttempt, instance: InstanceModel): void {
    const serviceMs = drawServiceMs(attempt.call, attempt.attempt - 1) * faultsOf(attempt.instance).factor;
    const { life } = instance;
    time.after(serviceMs, () => {
      if (life !== instance.life) return;
      const isGood = errorRatio === 0 || draw(attempt, purposes.error) >= errorRatio;
      if (!attempt.isOver) answer(attempt, isGood, networkMs + faultsOf(attempt.instance).latencyMs);
      const [next] = instance.waiting;
      if (next === undefined) instance.busy -= 1;
      else {
        instance.waiting.delete(next);
        work(next, instance);
      }
    });
  }

  function draw({ call, attempt }: SentAttempt, purpose: number): number {
    return drawUnit(seed, purpose, call, attempt - 1);
  }

  /** The way there and back is counted at the end: all calls are as much later at the neighbour. */
  function answer(attempt: SentAttempt, isGood: boolean, afterMs: number): void {
    time.after(afterMs, () => {
      if (!faultsOf(attempt.instance).hangs) attempt.answer(isGood ? 'ok' : 'failed');
    });
  }

  function goDown(instance: InstanceModel): void {
    instance.life += 1;
    instance.busy = 0;
    instance.waiting.clear();
    for (const attempt of [...instance.underWay]) attempt.answer('failed');
  }
}
