/**
 * How long each breaker has been in each state, counted from the transitions on the bus.
 *
 * The clock must be monotonic, so that no sum shrinks when the wall clock is set.
 */
import type { BreakerState } from '../resilience/breaker-state.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Events } from './events.ts';

/** All states, as tables list them. */
export const breakerStates: readonly BreakerState[] = [
  'closed',
  'open',
  'half_open',
  'forced_open',
  'disabled',
];

/** The sums of all counted breakers. */
export interface StateTimes {
  /** Begins to count for a breaker in `state`; does nothing when it is counted already. */
  begin(name: string, state: BreakerState): void;
  /** Drops a removed breaker. */
  end(name: string): void;
  /** Milliseconds in each state since `begin`, the present one up to now. */
  view(name: string): Readonly<Record<BreakerState, number>>;
}

interface Sum {
  readonly ms: Record<BreakerState, number>;
  state: BreakerState;
  since: number;
}

/** Creates the sums and subscribes them to the transitions. */
export function createStateTimes({ events, clock }: { events: Events; clock: Clock }): StateTimes {
  const sums = new Map<string, Sum>();

  events.on('transition', ({ name, to }) => {
    const sum = sums.get(name);
    if (sum === undefined) return;
    const now = clock();
    sum.ms[sum.state] += now - sum.since;
    sum.state = to;
    sum.since = now;
  });

  return {
    begin(name, state) {
      if (!sums.has(name)) sums.set(name, { ms: zeroTimes(), state, since: clock() });
    },
    end(name) {
      sums.delete(name);
    },
    view(name) {
      const sum = sums.get(name);
      if (sum === undefined) return zeroTimes();
      return { ...sum.ms, [sum.state]: sum.ms[sum.state] + clock() - sum.since };
    },
  };
}

function zeroTimes(): Record<BreakerState, number> {
  return { closed: 0, open: 0, half_open: 0, forced_open: 0, disabled: 0 };
}
