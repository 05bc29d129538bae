/** What npm run advise understands, and the sentence for everything else. */
import { expect, it } from 'vitest';
import { readAdviseArguments } from '../../../guide/settings.ts';

const read = (line: string) => readAdviseArguments(line.split(' ').filter(Boolean));
const usual = '--rate 80 --p50 40ms --p99 120ms --deadline 2s';

it('reads the numbers of a service', () => {
  expect(read(`${usual} --instances 2 --errors 2.5%`).numbers).toEqual({
    ...{ ratePerSecond: 80, p50Ms: 40, p99Ms: 120, deadlineMs: 2000 },
    ...{ instances: 2, workers: null, callers: 1, errorRatio: 0.025 },
  });
});

it('takes a third of p99 for p50', () => {
  expect(read('--rate 0.5 --p99 1.5s --deadline 2m').numbers).toMatchObject({
    p50Ms: 500,
    ratePerSecond: 0.5,
  });
});

it.each([
  ['--p99 120ms --deadline 2s', '--rate is missing'],
  ['', '--p99 is missing'],
  ['--rate 80 --p99 120 --deadline 2s', '--p99 120 has no unit: say 120ms or 120s.'],
  ['--rate 80 --p99 fast --deadline 2s', '--p99 fast is not legal: it must be a duration with its unit'],
  ['--rate 0 --p99 1s --deadline 2s', '--rate 0 is not legal: it must be a number from 0.1 to 5000.'],
  [`${usual} --errors 2`, '--errors 2 is not legal: it must be a percentage from 0% to 99%.'],
  [`${usual} --p50 200ms`, '--p50 200ms is above --p99 120ms: half of the calls cannot be slower'],
  [`${usual} --deadline 100ms`, '--deadline 100ms is not above --p99 120ms: calls would fail on a good day'],
  ['--rate 80 --p99 20ms --deadline 50ms', '--deadline 50ms is below 100ms'],
  [`${usual} --workers 3`, '--workers 3 × --instances 1 is fewer than the 3.6 calls'],
])('npm run advise -- %s is refused in a sentence', (line, sentence) => {
  expect(() => read(line)).toThrow(sentence);
});
