import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { groupCommit } from '../../../src/store/group-commit.ts';

/** A sender whose commands end when the test says so. */
function createSender() {
  const sent: { writes: readonly number[]; end: () => void; fail: (error: Error) => void }[] = [];
  const send = (writes: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      sent.push({ writes, end: () => resolve(writes.map((write) => `done ${write}`)), fail: reject });
    });
  return { sent, send };
}
/** Limits under which a number is its own size, and a TypeError says that nothing was done. */
const limits = {
  maxInFlight: 1,
  patienceMs: 20,
  maxWrites: 10,
  maxBytes: 1000,
  sizeOf: (n: number) => n,
  isUndone: (error: unknown) => error instanceof TypeError,
};
const endOfTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a group commit', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends a lone write at the end of the turn', async () => {
    const { sent, send } = createSender();
    const write = groupCommit(limits, send);
    const one = write(1);
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1]]);
    sent[0]?.end();
    await expect(one).resolves.toBe('done 1');
  });

  it('sends what comes in one turn as one command', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ ...limits, maxInFlight: 2 }, send);
    for (const n of [1, 2, 3]) void write(n);
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1, 2, 3]]);
  });

  it('answers nobody before the command with its write has been acknowledged, and each with its own result', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ ...limits, maxWrites: 2 }, send);
    const answered: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) void write(n).then((result) => answered.push(result));
    await endOfTurn();
    sent[0]?.end();
    await endOfTurn();
    expect([answered, sent[1]?.writes]).toEqual([
      ['done 1', 'done 2'],
      [3, 4],
    ]);
    sent[1]?.end();
    await endOfTurn();
    expect([answered, sent[2]?.writes]).toEqual([['done 1', 'done 2', 'done 3', 'done 4'], [5]]);
  });

  it('sends what waits for a slow command with another one, and no more commands at once than it may', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ ...limits, maxInFlight: 2 }, send);
    void write(1);
    await endOfTurn();
    for (const n of [2, 3]) void write(n);
    vi.advanceTimersByTime(limits.patienceMs - 1);
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1]]);
    vi.advanceTimersByTime(1);
    await endOfTurn();
    void write(4);
    vi.advanceTimersByTime(limits.patienceMs * 10);
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1], [2, 3]]);
    sent[0]?.end();
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1], [2, 3], [4]]);
  });

  it('is patient anew with what comes after a command has ended', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ ...limits, maxInFlight: 2 }, send);
    void write(1);
    await endOfTurn();
    void write(2);
    vi.advanceTimersByTime(limits.patienceMs - 1);
    sent[0]?.end();
    await endOfTurn();
    void write(3);
    vi.advanceTimersByTime(limits.patienceMs - 1);
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1], [2]]);
    vi.advanceTimersByTime(1);
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1], [2], [3]]);
  });

  it('is patient anew when those that it was patient with are given up', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ ...limits, maxInFlight: 2 }, send);
    void write(1);
    await endOfTurn();
    const left = expect(write(2, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    vi.advanceTimersByTime(limits.patienceMs);
    await left;
    await endOfTurn();
    void write(3);
    vi.advanceTimersByTime(limits.patienceMs);
    await endOfTurn();
    expect(sent.map(({ writes }) => writes)).toEqual([[1], [3]]);
  });

  it('fails those whose command failed, and goes on with the others', async () => {
    const { sent, send } = createSender();
    const write = groupCommit(limits, send);
    const failed = expect(write(1)).rejects.toThrow('away');
    await endOfTurn();
    const two = write(2);
    sent[0]?.fail(new Error('away'));
    await failed;
    await endOfTurn();
    sent[1]?.end();
    await expect(two).resolves.toBe('done 2');
    const three = write(3);
    await endOfTurn();
    sent[2]?.end();
    await expect(three).resolves.toBe('done 3');
  });

  it('never sends a write for which nobody waits any more', async () => {
    const { sent, send } = createSender();
    const write = groupCommit(limits, send);
    const givenUp = new AbortController();
    const first = write(1, givenUp.signal);
    await endOfTurn();
    const second = write(2, givenUp.signal);
    const third = write(3, new AbortController().signal);
    const rejected = expect(second).rejects.toThrow('too late');
    givenUp.abort(new Error('too late'));
    sent[0]?.end();
    await expect(first).resolves.toBe('done 1');
    await rejected;
    await endOfTurn();
    sent[1]?.end();
    await expect(third).resolves.toBe('done 3');
    expect(sent.map(({ writes }) => writes)).toEqual([[1], [3]]);
  });

  it('sends no more bytes at once than it may, and what is too large or cannot be measured alone', async () => {
    const groups: (readonly number[])[] = [];
    const sizeOf = (n: number) => {
      if (n === 0) throw new TypeError('no size');
      return n;
    };
    const write = groupCommit({ ...limits, maxBytes: 100, sizeOf }, async (writes) => {
      groups.push(writes);
      return writes;
    });
    await Promise.all([60, 40, 1, 99, 101, 0, 50, 50].map((n) => write(n)));
    expect(groups).toEqual([[60, 40], [1, 99], [101], [0], [50, 50]]);
  });

  it('answers each with its own result or error', async () => {
    const write = groupCommit(limits, async (writes) =>
      writes.map((n) => (n === 3 ? new RangeError('three') : n)),
    );
    const results = await Promise.allSettled([1, 2, 3, 4].map((n) => write(n)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(results[2]).toMatchObject({ reason: { message: 'three' } });
  });

  it('fails only the one that nothing could be sent with, and finds it in few commands', async () => {
    const sent: number[] = [];
    const write = groupCommit({ ...limits, maxWrites: 256, maxBytes: 1e9 }, async (writes) => {
      sent.push(writes.length);
      if (writes.includes(77)) throw new TypeError('poisoned');
      return writes;
    });
    const results = await Promise.allSettled(Array.from({ length: 257 }, (_, n) => write(n)));
    const failed = results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []));
    expect(failed).toEqual([77]);
    expect(sent).toHaveLength(2 + 2 * Math.log2(256));
  });

  it('sends nothing twice when its fate is unknown', async () => {
    const sent: (readonly number[])[] = [];
    const write = groupCommit(limits, async (writes) => {
      sent.push(writes);
      throw new Error('away');
    });
    const results = await Promise.allSettled([1, 2, 3].map((n) => write(n)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(sent).toEqual([[1, 2, 3]]);
  });
});
