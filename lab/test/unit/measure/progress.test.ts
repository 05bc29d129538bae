/** How far a run is: in place on a terminal, seldom elsewhere. */
import { expect, it } from 'vitest';
import { createProgress, quietMs } from '../../../measure/progress.ts';

function progressOn(more: { isTTY?: true; columns?: number }) {
  const written: string[] = [];
  const clock = { now: 0 };
  const output = { write: (text: string) => written.push(text) > 0, ...more };
  return { written, clock, progress: createProgress(output as never, () => clock.now) };
}

it('replaces one line of a terminal, no wider than it, and leaves it empty', () => {
  const { written, progress } = progressOn({ isTTY: true, columns: 12 });
  progress.say('3 of 60 s, 120 orders');
  progress.say('4 of 60 s');
  progress.end();
  progress.end();
  expect(written).toEqual(['\r\x1b[2K3 of 60 s, ', '\r\x1b[2K4 of 60 s', '\r\x1b[2K']);
});

it('writes a line now and then where no terminal is', () => {
  const { written, clock, progress } = progressOn({});
  for (let seconds = 1; seconds <= 40; seconds += 1) {
    clock.now = seconds * 1000;
    progress.say(`${seconds} of 40 s`);
  }
  progress.end();
  expect(written).toEqual([`${quietMs / 1000} of 40 s\n`, `${(2 * quietMs) / 1000} of 40 s\n`]);
});
