/**
 * How busy the front of a service is: requests in work, and how many were answered in the last second.
 */
import type { Clock } from '../resilience/deadline.ts';

/** Counts requests. */
export interface RequestMeter {
  begin(): void;
  end(): void;
  /** Looking changes nothing. */
  view(): { readonly perSecond: number; readonly active: number };
}

const slots = 10;
const slotMs = 100;

/** Creates a meter that has counted nothing. The second is the last full ten tenths. */
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
