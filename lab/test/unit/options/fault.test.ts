/** Faults on a command line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultForms, parseFault, placeFaults, toFaultText } from '../../../options/fault.ts';

const run = { seconds: 40, instances: 2 };

describe('a fault', () => {
  it.each([
    ['slow:3x:10s', { type: 'slow', factor: 3, fromMs: 10_000, forMs: 10_000 }],
    ['slow:1.5x:500ms', { type: 'slow', factor: 1.5, fromMs: 10_000, forMs: 500 }],
    ['latency:500ms:10s', { type: 'latency', ms: 500, fromMs: 10_000, forMs: 10_000 }],
    ['down:0.3s', { type: 'down', fromMs: 10_000, forMs: 300 }],
    ['hang:2m', { type: 'hang', fromMs: 10_000, forMs: 120_000 }],
    ['flaky:30%:10s', { type: 'flaky', ratio: 0.3, fromMs: 10_000, forMs: 10_000 }],
    ['down:5s@20s', { type: 'down', fromMs: 20_000, forMs: 5000 }],
    ['down:5s@0s', { type: 'down', fromMs: 0, forMs: 5000 }],
    ['down:5s#1', { type: 'down', fromMs: 10_000, forMs: 5000, instance: 1 }],
    ['down:5s@2s#0', { type: 'down', fromMs: 2000, forMs: 5000, instance: 0 }],
    ['down:5s#0@2s', { type: 'down', fromMs: 2000, forMs: 5000, instance: 0 }],
  ])('%s', (text, fault) => {
    expect(placeFaults([parseFault(text)], run)).toEqual([fault]);
  });

  it.each([
    ...[
      '',
      'slow',
      'slow:3x',
      'slow:3:10s',
      'slow:0.5x:10s',
      'slow:1x:10s',
      'slow:-3x:10s',
      'slow:3x:10',
      'slow:3x:0s',
    ],
    ...[
      'latency:10s',
      'latency:500:10s',
      'down',
      'down:3x:10s',
      'down:10',
      'down:-1s',
      'down:2h',
      'hang:ten',
      'hang:61m',
    ],
    ...[
      'flaky:30:10s',
      'flaky:0%:10s',
      'flaky:101%:10s',
      'flaky:10s',
      'crash:10s',
      'toString:10s',
      '__proto__:10s',
    ],
    ...[
      'down:5s@',
      'down:5s@2',
      'down:5s#',
      'down:5s#x',
      'down:5s#-1',
      'down:5s@2s@3s',
      'down:5s#0#1',
      'slow:3x:10s:10s',
    ],
  ])('"%s" is none, and the forms are shown', (text) => {
    expect(() => parseFault(text)).toThrow(`${text} is not legal: it must be ${faultForms}.`);
  });

  it('begins at a quarter of a short run', () => {
    expect(placeFaults([parseFault('down:1s')], { seconds: 8, instances: 1 })[0]?.fromMs).toBe(2000);
  });

  it.each([
    ['down:1s@40s', '--fault down begins at 40s, but the run ends after 40 s.'],
    ['slow:2x:1s#2', '--fault slow is of instance #2, but the neighbour has 2; the first is #0.'],
  ])('%s has no place', (text, why) => {
    expect(() => placeFaults([parseFault(text)], run)).toThrow(why);
  });

  it('is written as it was given', () => {
    const strength = fc.oneof(
      fc.integer({ min: 2, max: 1000 }).map((factor) => `slow:${factor}x`),
      fc.integer({ min: 1, max: 999 }).map((ms) => `latency:${ms}ms`),
      fc.constantFrom('down', 'hang'),
      fc.integer({ min: 1, max: 100 }).map((percent) => `flaky:${percent}%`),
    );
    fc.assert(
      fc.property(
        strength,
        fc.integer({ min: 1, max: 999 }),
        fc.integer({ min: 0, max: 30 }),
        fc.boolean(),
        (what, ms, at, one) => {
          const text = `${what}:${ms}ms@${at === 0 ? '0ms' : `${at}s`}${one ? '#1' : ''}`;
          const [fault] = placeFaults([parseFault(text)], run);
          expect(fault === undefined ? '' : toFaultText(fault)).toBe(text);
        },
      ),
    );
  });
});
