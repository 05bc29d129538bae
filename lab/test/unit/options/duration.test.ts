/** Durations on a command line. */
import { expect, it } from 'vitest';
import { durationOption, parseDuration } from '../../../options/duration.ts';

it.each([
  ['300ms', 300],
  ['2s', 2000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['2', undefined],
  ['2 s', undefined],
  ['-2s', undefined],
  ['s', undefined],
  ['2h', undefined],
])('the duration %s is %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

const option = durationOption({ about: 'how long', most: '10m' });

it.each([
  ['300', '300 has no unit: say 300ms or 300s.'],
  ['0s', '0s is not legal: it must be a duration with its unit from 1ms to 10m, as 300ms or 1.5s.'],
  ['11m', '11m is not legal: it must be a duration with its unit from 1ms to 10m, as 300ms or 1.5s.'],
])('as an option %s is refused in a sentence', (text, sentence) => {
  expect(() => option.read([text])).toThrow(sentence);
});

it('an option that is absent has its fallback, if any', () => {
  expect(option.read([])).toBeUndefined();
  expect(durationOption({ about: 'how long', fallback: '100ms' }).read([])).toBe(100);
});
