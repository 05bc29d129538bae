/**
 * A retry budget: retries are at most a share of all calls to one neighbour, with a minimum per second. Without it
 * the retries of all callers would double the load on a neighbour that is failing already.
 *
 * The relay has one of its own, for what it asks in vain.
 */
import { type Clock, monotonicClock } from './deadline.ts';

/** Limits of a budget. */
export interface BudgetSettings {
  /** Retries per call; 0 leaves only the minimum, as many as a call may make bounds none. */
  readonly ratio: number;
  /** Retries a second that are always allowed. */
  readonly minPerSecond: number;
}

/** Permits retries. */
export interface RetryBudget {
  /** Counts one first attempt, which adds `ratio` of a retry. */
  earn(): void;
  /** Takes one retry out of the budget; false when it is spent. */
  spend(): boolean;
  /** Puts one back, or more: the call was no burden after all. */
  refund(count?: number): void;
  /** Retries that could be made now. */
  left(): number;
  /** Changes its limits; what was earned stays, as far as the new limits hold it. */
  configure(settings: BudgetSettings): void;
}

/** Permits every retry. */
export const unlimitedBudget: Pick<RetryBudget, 'earn' | 'spend'> = Object.freeze({
  earn: () => undefined,
  spend: () => true,
});

/** The budget holds at most ten seconds of the minimum, so that a quiet hour does not allow a burst of retries. */
const capSeconds = 10;

/** Creates a budget that begins with the minimum of one second. */
export function createRetryBudget(given: BudgetSettings, clock: Clock = monotonicClock): RetryBudget {
  let { ratio, minPerSecond } = given;
  let earned = 0;
  let floor = minPerSecond;
  let seenAt = clock();

  const refresh = () => {
    const now = clock();
    floor = Math.min(minPerSecond, floor + ((now - seenAt) / 1000) * minPerSecond);
    seenAt = now;
  };

  const save = (retries: number) => {
    earned = Math.min(Math.max(1, minPerSecond * capSeconds), earned + retries);
  };

  return {
    earn: () => save(ratio),
    spend() {
      refresh();
      if (floor >= 1) floor -= 1;
      else if (earned >= 1) earned -= 1;
      else return false;
      return true;
    },
    refund: (count = 1) => save(count),
    left() {
      refresh();
      return Math.floor(floor) + Math.floor(earned);
    },
    configure(settings) {
      refresh();
      ({ ratio, minPerSecond } = settings);
      refresh();
      save(0);
    },
  };
}
