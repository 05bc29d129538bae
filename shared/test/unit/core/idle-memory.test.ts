/** When memory is given back: after a burst, in calm, and ever more rarely where it is of no use. */
import { describe, expect, it } from 'vitest';
import { createIdleMemory } from '../../../src/core/idle-memory.ts';

const megabyte = 1_000_000;

/** Looks every five seconds at a process that needs 100 MB, and gives back what it has beyond that when it is due. */
function watch() {
  const memory = createIdleMemory();
  let now = 0;
  let resident = 100;
  const look = (busyRatio: number, megabytes = resident) => {
    now += 5000;
    resident = megabytes;
    const isDue = memory.isDue({ now, residentBytes: resident * megabyte, busyRatio });
    if (isDue) {
      resident = 100;
      memory.collected(resident * megabyte);
    }
    return isDue;
  };
  /** Looks for so long; answers after how many seconds memory was given back, each time. */
  const lookFor = (seconds: number, busyRatio: number, megabytes?: number) =>
    Array.from({ length: seconds / 5 }, (_, index) =>
      look(busyRatio, megabytes) ? [(index + 1) * 5] : [],
    ).flat();
  look(0);
  return { lookFor, resident: () => resident };
}

describe('memory', () => {
  it('is given back ten seconds after a burst, once', () => {
    const { lookFor } = watch();
    expect(lookFor(20, 0.9, 300)).toEqual([]);
    expect(lookFor(120, 0.01)).toEqual([10]);
  });

  it('is left alone under load, however much there is', () => {
    const { lookFor } = watch();
    expect(lookFor(600, 0.4, 900)).toEqual([]);
  });

  it('is left alone where there is little to win', () => {
    const { lookFor } = watch();
    expect(lookFor(600, 0, 109)).toEqual([]);
  });

  it('is given back after each of many bursts, a minute apart, whether or not they kept the process busy', () => {
    const { lookFor, resident } = watch();
    for (const busyRatio of [0.9, 0.2, 0.2, 0.9, 0.2, 0.2]) {
      lookFor(10, busyRatio, 300);
      lookFor(60, 0.01);
      expect(resident()).toBe(100);
    }
  });

  it('is given back ever more rarely while a trickle of work takes it again at once, and soon again after a burst', () => {
    const { lookFor } = watch();
    expect(lookFor(1000, 0.1, 150)).toEqual([5, 35, 95, 215, 455, 935]);
    lookFor(10, 0.9, 300);
    expect(lookFor(60, 0.1, 150)).toEqual([10, 40]);
  });
});
