import { describe, expect, it, vi } from 'vitest';
import { createRetryBudget } from '../../../src/resilience/budget.ts';
import { createDeadline } from '../../../src/resilience/deadline.ts';
import { BreakerOpenError, NeighbourError } from '../../../src/resilience/errors.ts';
import { retry } from '../../../src/resilience/retry.ts';

const refused = () => new NeighbourError('neighbour-unreachable', 'refused');
const budget = () => createRetryBudget({ ratio: 0.2, minPerSecond: 3 }, () => 0);
const create = (attempts: number, given = budget()) => {
  const sleep = vi.fn(async () => undefined);
  return { settings: { attempts, budget: given, random: () => 0.5, sleep }, sleep };
};
const patient = createDeadline(4000, () => 0);

describe('a retry', () => {
  it('makes one more attempt, after a jittered wait', async () => {
    const { settings, sleep } = create(2);
    const attempt = vi.fn().mockRejectedValueOnce(refused()).mockResolvedValueOnce('done');
    await expect(retry(settings, patient, attempt)).resolves.toBe('done');
    expect(sleep).toHaveBeenCalledExactlyOnceWith(25);
  });

  it('ends with the last error when the attempts are used up', async () => {
    const attempt = vi.fn().mockImplementation(() => Promise.reject(refused()));
    await expect(retry(create(3).settings, patient, attempt)).rejects.toThrow('refused');
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['a call that was not sent', new BreakerOpenError('open', { retryAfterMs: 1 })],
    ['a misconfigured neighbour', new NeighbourError('neighbour-misconfigured', '404')],
    ['a document that is not taken', new NeighbourError('document-not-taken', '413')],
    ['a neighbour that asks for patience', new NeighbourError('neighbour-busy', '429')],
    [
      'one that says when to come back',
      new NeighbourError('neighbour-failed', '503', { retryAfterMs: 1000 }),
    ],
    ['a defect', new TypeError('bug')],
  ])('is not made for %s', async (_what, error) => {
    const attempt = vi.fn().mockRejectedValue(error);
    await expect(retry(create(5).settings, patient, attempt)).rejects.toBe(error);
    expect(attempt).toHaveBeenCalledOnce();
  });

  it.each([
    ['is misconfigured', new NeighbourError('neighbour-misconfigured', '404')],
    ['asks for patience', new NeighbourError('neighbour-busy', '503', { retryAfterMs: 1000 })],
    ['says when to come back', new NeighbourError('neighbour-failed', '503', { retryAfterMs: 1000 })],
  ])('goes to another instance when this one %s', async (_what, error) => {
    const attempt = vi.fn().mockRejectedValueOnce(error).mockResolvedValueOnce('done');
    await expect(retry(create(2).settings, patient, attempt, () => true)).resolves.toBe('done');
  });

  it('is not made for a document that is not taken, whoever else there is', async () => {
    const attempt = vi.fn().mockRejectedValue(new NeighbourError('document-not-taken', '413'));
    await expect(retry(create(5).settings, patient, attempt, () => true)).rejects.toThrow('413');
    expect(attempt).toHaveBeenCalledOnce();
  });

  it('waits twice as long each time', async () => {
    const { settings, sleep } = create(4);
    await expect(retry(settings, patient, () => Promise.reject(refused()))).rejects.toThrow('refused');
    expect(sleep.mock.calls).toEqual([[25], [50], [100]]);
  });

  it('is made only if twice the margin is left after the wait', async () => {
    const attemptsWithin = async (timeoutMs: number) => {
      const attempt = vi.fn().mockImplementation(() => Promise.reject(refused()));
      await retry(
        create(2).settings,
        createDeadline(timeoutMs, () => 0),
        attempt,
      ).catch(() => undefined);
      return attempt.mock.calls.length;
    };
    expect(await attemptsWithin(65)).toBe(1);
    expect(await attemptsWithin(66)).toBe(2);
  });

  it('is not made when the time is nearly over', async () => {
    const attempt = vi.fn().mockRejectedValue(refused());
    await expect(
      retry(
        create(2).settings,
        createDeadline(60, () => 0),
        attempt,
      ),
    ).rejects.toThrow('refused');
    expect(attempt).toHaveBeenCalledOnce();
  });
});

describe('a retry budget', () => {
  it('allows three retries a second whatever happens, and a fifth of the calls beyond', async () => {
    let now = 0;
    const shared = createRetryBudget({ ratio: 0.2, minPerSecond: 3 }, () => now);
    const attempt = vi.fn().mockImplementation(() => Promise.reject(refused()));
    for (let call = 0; call < 100; call += 1) {
      await retry(create(2, shared).settings, patient, attempt).catch(() => undefined);
    }
    const retries = attempt.mock.calls.length - 100;
    expect(retries).toBeGreaterThanOrEqual(20);
    expect(retries).toBeLessThanOrEqual(23);
    now = 1000;
    expect(shared.left()).toBe(3);
  });

  it('is back at its floor after a second, a share of it sooner, and never above', () => {
    let now = 1_000_000;
    const shared = createRetryBudget({ ratio: 0, minPerSecond: 3 }, () => now);
    const spendAll = () => Array.from({ length: 10 }, () => shared.spend()).filter(Boolean).length;
    expect(spendAll()).toBe(3);
    now += 300;
    expect(spendAll()).toBe(0);
    now += 400;
    expect(spendAll()).toBe(2);
    now += 60_000;
    expect(spendAll()).toBe(3);
  });

  it('saves up no storm in a quiet hour', () => {
    let now = 0;
    const shared = createRetryBudget({ ratio: 0.2, minPerSecond: 3 }, () => now);
    for (let call = 0; call < 100_000; call += 1) shared.earn();
    now = 3_600_000;
    expect(shared.left()).toBe(33);
  });

  it('changes its limits while it runs: what was earned stays as far as it fits', () => {
    const shared = createRetryBudget({ ratio: 1, minPerSecond: 3 }, () => 0);
    for (let call = 0; call < 20; call += 1) shared.earn();
    expect(shared.left()).toBe(23);
    shared.configure({ ratio: 0.5, minPerSecond: 1 });
    expect(shared.left()).toBe(11);
    for (let spent = 0; spent < 11; spent += 1) shared.spend();
    shared.earn();
    shared.earn();
    expect(shared.left()).toBe(1);
  });
});
