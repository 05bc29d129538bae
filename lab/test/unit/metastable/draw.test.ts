import { expect, it } from 'vitest';
import { drawFault, drawHysteresis, drawRegion, drawSeconds, toFateText } from '../../../metastable/draw.ts';

const second = { calls: 80, failed: 0, rejected: 0, sent: 80, p50Ms: 1, p99Ms: 1, inFlight: 0, state: null };

it('seconds are drawn below the fault that they belong to', () => {
  const perSecond = [80, 40, 1, 0].map((good) => ({ ...second, good }));
  expect(drawSeconds({ perSecond }, 4, 80)).toBe('█▅▁·');
  expect(drawFault(1000, 3000)).toBe(' ××');
});

it('a map has the highest load on top, and says how many do not come back', () => {
  const region = {
    name: 'bare',
    rates: [20, 80],
    lengths: [1, 8],
    backAfter: [
      [0, 5],
      [1, null],
    ],
  };
  expect(drawRegion(region).split('\n')).toEqual([
    'bare: 1 of 4 do not come back',
    '    80/s     ·   ×',
    '    20/s     ·   o',
    '            1s  8s',
  ]);
});

it('a load that rises and falls has two values for a rate', () => {
  const drawn = drawHysteresis([10, 20, 10, 5], [{ name: 'bare', goodput: [10, 20, 0, 0] }]);
  expect(
    drawn
      .split('\n')
      .slice(2)
      .map((row) => row.replaceAll(/ +/g, ' ')),
  ).toEqual(['| 5 | – | 0 |', '| 10 | 10 | 0 |', '| 20 | 20 | – |']);
});

it('what became of a caller is said in words', () => {
  const fate = { lastRatio: 0, silentSeconds: 0 };
  expect([0, 7.5, null].map((backAfter) => toFateText({ ...fate, backAfter }))).toEqual([
    'at once',
    'after 7.5 s',
    'never',
  ]);
  expect(toFateText({ ...fate, backAfter: null, silentSeconds: 20 })).toBe('never (20 s of silence)');
});
