import { describe, expect, it } from 'vitest';
import { groupCommit } from '../../src/group-commit.ts';

/** A sender whose commands end when the test says so. */
function createSender() {
  const sent: { writes: readonly number[]; end: () => void; fail: (error: Error) => void }[] = [];
  const send = (writes: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      sent.push({ writes, end: () => resolve(writes.map((write) => `done ${write}`)), fail: reject });
    });
  return { sent, send };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a group commit', () => {
  it('sends a lone write at once', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ maxFlights: 1, maxWrites: 10 }, send);
    const one = write(1);
    expect(sent.map(({ writes }) => writes)).toEqual([[1]]);
    sent[0]?.end();
    await expect(one).resolves.toBe('done 1');
  });

  it('answers nobody before the command with its write has been acknowledged, and each with its own result', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ maxFlights: 1, maxWrites: 2 }, send);
    const answered: string[] = [];
    for (const n of [1, 2, 3, 4]) void write(n).then((result) => answered.push(result));
    sent[0]?.end();
    await settled();
    expect([answered, sent[1]?.writes]).toEqual([['done 1'], [2, 3]]);
    sent[1]?.end();
    await settled();
    expect([answered, sent[2]?.writes]).toEqual([['done 1', 'done 2', 'done 3'], [4]]);
  });

  it('has no more commands under way than it may', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ maxFlights: 2, maxWrites: 10 }, send);
    for (const n of [1, 2, 3, 4]) void write(n);
    await settled();
    expect(sent.map(({ writes }) => writes)).toEqual([[1], [2]]);
  });

  it('fails those whose command failed, and goes on with the others', async () => {
    const { sent, send } = createSender();
    const write = groupCommit({ maxFlights: 1, maxWrites: 10 }, send);
    const [one, two] = [write(1), write(2)];
    const failed = expect(one).rejects.toThrow('away');
    sent[0]?.fail(new Error('away'));
    await failed;
    sent[1]?.end();
    await expect(two).resolves.toBe('done 2');
    const three = write(3);
    sent[2]?.end();
    await expect(three).resolves.toBe('done 3');
  });
});
