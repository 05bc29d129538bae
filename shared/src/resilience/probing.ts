/**
 * How a breaker probes: when an open period is over, and what a probe that has ended means.
 *
 * Replicas may agree on who probes (probe-leases.ts): the others stay open meanwhile and ask again every second.
 */
import type { RunningCall } from './breaker-call.ts';
import { toOpenPeriodMs } from './breaker-settings.ts';
import type { BreakerParts, StateMachine, StateRules } from './state-machine.ts';

/** Milliseconds until the next question while another replica probes: it may succeed before its lease is over. */
const askProbeAgainMs = 1000;

/**
 * Asks for the next probe, with the length of the next open period: 0 lets this breaker probe, a number keeps it open
 * for so many milliseconds, because another replica probes. When it rejects, this breaker probes.
 */
export type AskProbe = (forMs: number) => Promise<number>;

/** Creates the rules for probes; `machine` answers the state machine that they move. */
export function createProbing(
  { clock, random, config }: BreakerParts,
  askProbe: AskProbe | undefined,
  machine: () => StateMachine,
): Pick<StateRules, 'onOpenTimeOver' | 'onProbeEnd'> {
  return {
    onOpenTimeOver() {
      const { state, generation } = machine();
      if (state.kind !== 'open') return;
      if (askProbe === undefined) return halfOpen();
      const isStale = () => machine().generation !== generation || machine().isStopped;
      askProbe(toOpenPeriodMs(config(), state.outage.failedProbes + 1, random)).then(
        (waitMs) => {
          if (isStale()) return;
          if (waitMs > 0) postpone(waitMs);
          else halfOpen();
        },
        () => {
          if (!isStale()) halfOpen();
        },
      );
    },

    onProbeEnd({ outcome }: RunningCall) {
      const { state, update, renew } = machine();
      if (state.kind !== 'half_open') return;
      const isGood = outcome === 'success';
      const goodProbes = isGood ? state.goodProbes + 1 : state.goodProbes;
      update({ ...state, goodProbes });
      const isDecided = isGood ? goodProbes >= config().probeSuccesses : outcome !== 'ignored';
      if (isDecided) return;
      // opossum would close now. In a discarded instance it cannot, and the fresh one waits for the next probe.
      update({ ...state, goodProbes, probeUntil: null });
      renew();
    },
  };

  function halfOpen(): void {
    const { state, enter } = machine();
    if (state.kind !== 'open') return;
    enter({ kind: 'half_open', outage: state.outage, probeUntil: null, goodProbes: 0 }, 'open-time-over');
  }

  function postpone(waitMs: number): void {
    const { state, update, renew } = machine();
    if (state.kind !== 'open') return;
    update({ ...state, probeAt: clock() + waitMs });
    renew(Math.min(waitMs, askProbeAgainMs));
  }
}
