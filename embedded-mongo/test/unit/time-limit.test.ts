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

  it('ends with the command, so that a cursor that stays open is not bound by it', () => {
    const { check, lift } = limitTime(100, elapsed);
    lift();
    now += 1_000_000;
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
