/**
 * Counts the requests in work and those answered in the last second.
 */
import type { Clock } from '../resilience/deadline.ts';

/** Counts requests. */
export interface RequestMeter {
  begin(): void;
  end(): void;
  /** Reads the counts; changes nothing. */
  view(): { readonly perSecond: number; readonly active: number };
}

const slots = 10;
const slotMs = 100;

/** Creates a meter at zero. A second is the last ten full tenths. */
export function createRequestMeter(clock: Clock): RequestMeter {
  const ring = Array.from({ length: slots }, () => ({ slot: -1, ended: 0 }));
  let active = 0;

  return {
    begin() {
      active += 1;
    },
    end() {
      active -= 1;
      const slot = Math.floor(clock() / slotMs);
      const at = ring[slot % slots] as { slot: number; ended: number };
      if (at.slot !== slot) Object.assign(at, { slot, ended: 0 });
      at.ended += 1;
    },
    view() {
      const oldest = Math.floor(clock() / slotMs) - slots;
      const perSecond = ring.reduce((sum, { slot, ended }) => sum + (slot > oldest ? ended : 0), 0);
      return { perSecond, active };
    },
  };
}
