import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBulkhead } from '../../../src/resilience/bulkhead.ts';
import { BulkheadFullError } from '../../../src/resilience/errors.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const create = (maxActive: number, maxQueued: number) =>
  createBulkhead('till→vault', { maxActive, maxQueued, waitMs: 500 });

function createWork() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: vi.fn(() => promise), finish: resolve };
}

describe('a bulkhead', () => {
  it('lets as many calls run as it has slots, and queues the next', async () => {
    const bulkhead = create(2, 1);
    const [first, second, third] = [createWork(), createWork(), createWork()];
    const calls = [first, second, third].map(({ work }) => bulkhead.run(work));
    expect(bulkhead.load()).toEqual({ active: 2, queued: 1 });
    expect(third.work).not.toHaveBeenCalled();
    first.finish();
    await calls[0];
    await vi.advanceTimersByTimeAsync(0);
    expect(third.work).toHaveBeenCalledOnce();
    second.finish();
    third.finish();
    await Promise.all(calls);
    expect(bulkhead.load()).toEqual({ active: 0, queued: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses at once when the queue is full, and says that nothing was sent', async () => {
    const bulkhead = create(1, 0);
    const busy = createWork();
    const call = bulkhead.run(busy.work);
    await expect(bulkhead.run(createWork().work)).rejects.toThrow(
      'All 1 slots for calls till→vault are taken, and the queue before it is full. Nothing was sent.',
    );
    await expect(bulkhead.run(createWork().work)).rejects.toMatchObject({ retryAfterMs: 1000 });
    busy.finish();
    await call;
  });

  it('refuses after the wait, and never begins the work', async () => {
    const bulkhead = create(1, 5);
    const [busy, late] = [createWork(), createWork()];
    const call = bulkhead.run(busy.work);
    const refused = expect(bulkhead.run(late.work)).rejects.toBeInstanceOf(BulkheadFullError);
    await vi.advanceTimersByTimeAsync(500);
    await refused;
    busy.finish();
    await call;
    expect(late.work).not.toHaveBeenCalled();
    expect(bulkhead.load()).toEqual({ active: 0, queued: 0 });
  });

  it('waits no longer than the caller can', async () => {
    const bulkhead = create(1, 5);
    const busy = createWork();
    const call = bulkhead.run(busy.work);
    const refused = expect(bulkhead.run(createWork().work, 100)).rejects.toThrow('within 100 ms');
    await vi.advanceTimersByTimeAsync(100);
    await refused;
    busy.finish();
    await call;
  });

  it('frees the slot of work that fails', async () => {
    const bulkhead = create(1, 0);
    await expect(bulkhead.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(bulkhead.run(async () => 'yes')).resolves.toBe('yes');
  });

  it('keeps the slot until the work has settled', async () => {
    const bulkhead = create(1, 0);
    const slow = createWork();
    const call = bulkhead.run(slow.work);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bulkhead.load().active).toBe(1);
    slow.finish();
    await call;
  });

  it('lets waiting calls into new slots at once, and takes slots away only as calls end', async () => {
    const bulkhead = create(1, 5);
    const all = [createWork(), createWork(), createWork()];
    const calls = all.map(({ work }) => bulkhead.run(work));
    const limits = { maxQueued: 5, waitMs: 500 };
    bulkhead.configure({ ...limits, maxActive: 3 });
    await vi.advanceTimersByTimeAsync(0);
    expect(bulkhead.load()).toEqual({ active: 3, queued: 0 });
    for (const { work } of all) expect(work).toHaveBeenCalledOnce();
    bulkhead.configure({ ...limits, maxActive: 1 });
    const waiting = createWork();
    calls.push(bulkhead.run(waiting.work));
    for (const [ended, { finish }] of all.entries()) {
      expect(waiting.work).not.toHaveBeenCalled();
      finish();
      await calls[ended];
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(waiting.work).toHaveBeenCalledOnce();
    waiting.finish();
    await Promise.all(calls);
    expect(bulkhead.load()).toEqual({ active: 0, queued: 0 });
  });
});
