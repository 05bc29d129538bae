import { expect, it } from 'vitest';
import { sendAll } from '../../../testbed/generator.ts';

it('a call is sent when it is due, though none before it has ended, and its lateness is known', async () => {
  const answers: (() => void)[] = [];
  const sent: number[] = [];
  const all = sendAll(
    [0, 5, 5, 20],
    () => 20,
    (index) => {
      sent.push(index);
      return new Promise((resolve) => answers.push(resolve));
    },
  );
  expect(sent).toEqual([0, 1, 2, 3]);
  for (const answer of answers) answer();
  expect(await all).toEqual([20, 15, 15, 0]);
});
