/**
 * The states that an operator sets by hand: held open, disabled, closed now. The first two end by themselves.
 */
import type { StateMachine } from './state-machine.ts';

/** How long a forced state lasts when nothing else is said, in milliseconds. */
export const overrideDefaultMs = 600_000;
/** Longest time for which a state may be forced, in milliseconds. */
export const overrideMaxMs = 86_400_000;

/** What can be forced; `null` releases. */
export type Override = 'open' | 'closed' | 'disabled' | null;

/** The override of one breaker. */
export interface Overrides {
  /** @throws {RangeError} when `ttlMs` is out of its range. */
  override(mode: Override, options?: { readonly ttlMs?: number }): void;
  /** Ends its timer. */
  stop(): void;
}

/** Creates the override of the breaker with this state machine. */
export function createOverrides(machine: StateMachine, clock: () => number): Overrides {
  let expiry: NodeJS.Timeout | undefined;

  return {
    override(mode, { ttlMs = overrideDefaultMs } = {}) {
      if (!(ttlMs >= 1 && ttlMs <= overrideMaxMs)) {
        throw new RangeError(`ttlMs must be from 1 to ${overrideMaxMs}, got ${ttlMs}`);
      }
      if (mode === null && !('until' in machine.state)) return;
      clearTimeout(expiry);
      if (mode === null) return machine.enter({ kind: 'closed' }, 'released');
      if (mode === 'closed') return machine.enter({ kind: 'closed' }, 'forced');
      const kind = mode === 'open' ? 'forced_open' : 'disabled';
      machine.enter({ kind, until: clock() + ttlMs }, 'forced');
      expiry = setTimeout(() => machine.enter({ kind: 'closed' }, 'expired'), ttlMs);
      expiry.unref();
    },
    stop() {
      clearTimeout(expiry);
    },
  };
}
