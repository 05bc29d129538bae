/** Whether a series of measurements grows: by its slope, so that a single minute does not decide it. */
import { median, slope } from '../measure/statistics.ts';

/** What becomes of a series. */
export interface Drift {
  readonly middle: number;
  /** What it climbs from one measurement to the next. */
  readonly perStep: number;
  /** Over its whole length it climbs by less than a fifth of its median, or than what is ignored. Falling is flat, too. */
  readonly isFlat: boolean;
}

const allowedRatio = 0.2;

/**
 * Judges a series; a climb below `ignored` is none. Its first quarter is left out: code is compiled, pools and heaps find
 * their size.
 */
export function judgeDrift(series: readonly number[], ignored = 0): Drift {
  const settled = series.slice(Math.floor(series.length / 4));
  const middle = median(settled);
  const perStep = slope(settled);
  return {
    middle,
    perStep,
    isFlat: perStep * (settled.length - 1) < Math.max(ignored, allowedRatio * middle),
  };
}
