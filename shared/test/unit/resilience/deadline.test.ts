import { describe, expect, it } from 'vitest';
import { DeadlineExceededError } from '../../../src/core/errors.ts';
import { createDeadline, parseTimeout } from '../../../src/resilience/deadline.ts';

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
    expect(() => deadline.demandTime()).not.toThrow();
    now = 280;
    expect(() => deadline.demandTime()).toThrow(DeadlineExceededError);
  });

  it("is the smaller of the caller's time and our own", () => {
    expect(parseTimeout('200', 4000)).toBe(200);
    expect(parseTimeout('999999', 4000)).toBe(4000);
    expect(parseTimeout(undefined, 4000)).toBe(4000);
  });

  it.each(['', '-1', '1.5', 'soon', '1e3', '99999999999'])('refuses the header "%s"', (header) => {
    expect(() => parseTimeout(header, 4000)).toThrow('whole number of milliseconds');
    expect(() => parseTimeout(header, 4000)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  });
});
