/** How long a command may take. */
import { describe, expect, it } from 'vitest';
import { limitTime } from '../../src/commands/time-limit.ts';

describe('the time of a command', () => {
  let now = 5000;
  const elapsed = () => now;

  it('is over when it is over, and not before', () => {
    const { check } = limitTime(100, elapsed);
    now += 99;
    check();
    now += 1;
    expect(check).toThrow(expect.objectContaining({ code: 50, codeName: 'MaxTimeMSExpired' }));
  });

  it('goes on with the next batch of its cursor, and the time between does not count', () => {
    const { check, pause, resume } = limitTime(100, elapsed);
    now += 60;
    pause();
    now += 1_000_000;
    check();
    resume();
    now += 39;
    check();
    now += 1;
    expect(check).toThrow(expect.objectContaining({ code: 50 }));
  });

  it('of a getMore bounds that batch only', () => {
    const { check, pause, resume } = limitTime(0, elapsed);
    pause();
    const own = limitTime(10, elapsed);
    resume(own.check);
    now += 10;
    expect(check).toThrow(expect.objectContaining({ code: 50 }));
    pause();
    resume();
    check();
  });

  it('has no end when it is 0 or absent', () => {
    for (const { check } of [limitTime(0, elapsed), limitTime(undefined, elapsed)]) {
      now += 1_000_000;
      check();
    }
  });

  it('fits into 32 bits', () => {
    limitTime(0x7fffffff, elapsed).check();
    expect(() => limitTime(0x80000000, elapsed)).toThrow(expect.objectContaining({ code: 2 }));
  });
});
