import { describe, expect, it } from 'vitest';
import { createDeadline } from '../../../src/resilience/deadline.ts';
import { DeadlineExceededError } from '../../../src/resilience/errors.ts';

describe('a deadline', () => {
  it('counts down by the clock it was given and stops at 0', () => {
    let now = 1000.4;
    const deadline = createDeadline(300, () => now);
    now += 100.3;
    expect(deadline.leftMs()).toBe(199);
    now += 1000;
    expect(deadline.leftMs()).toBe(0);
  });

  it('refuses work when no more than the margin is left', () => {
    let now = 0;
    const deadline = createDeadline(300, () => now);
    now = 279;
    expect(() => deadline.throwIfExpired()).not.toThrow();
    now = 280;
    expect(() => deadline.throwIfExpired()).toThrow(DeadlineExceededError);
  });
});
