/** Threads that share work. */
import { expect, it, onTestFinished } from 'vitest';
import { startThreads } from '../../../processes/threads.ts';

function start(count: number) {
  const threads = startThreads<string, string>(new URL('echo-worker.ts', import.meta.url), {
    ...{ count, data: 'it is' },
  });
  onTestFinished(threads.close);
  return threads;
}

it.each([1, 3])('the answers of %i threads are in the sequence of the pieces', async (count) => {
  const done: number[] = [];
  const answers = await start(count).run(['a', 'b', 'c', 'd'], (many) => done.push(many));
  expect(answers).toEqual(['it is a', 'it is b', 'it is c', 'it is d']);
  expect(done).toEqual([1, 2, 3, 4]);
});

it.each([
  ['throws', 'throw', 'broken'],
  ['ends', 'end', 'A thread ended before its work.'],
])('a thread that %s fails the work, which does not wait for ever', async (_how, piece, why) => {
  await expect(start(2).run(['a', piece, 'b'])).rejects.toThrow(why);
});
