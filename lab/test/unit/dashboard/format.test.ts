/** Numbers as people read them. */
import { toPercent } from '@holdfast/shared/resilience/breaker-words.ts';
import { describe, expect, it } from 'vitest';
import {
  toCount,
  toMs,
  toSeconds,
  toShortId,
  toShortPercent,
  toSpoken,
  toTitle,
  toWholeSeconds,
} from '../../../dashboard/model/format.ts';

describe('durations', () => {
  it('count down in tenths of a second and never below zero', () => {
    expect([6_449, 60, 0, -500].map(toSeconds)).toEqual(['6.4 s', '0.1 s', '0.0 s', '0.0 s']);
  });

  it('are in minutes when seconds say too much', () => {
    expect([60_000, 64_200, 600_000].map(toSeconds)).toEqual(['1 min', '1 min 4 s', '10 min']);
  });

  it('in whole seconds end only at the end', () => {
    expect([48_001, 1, 0, 60_000, 120_000].map(toWholeSeconds)).toEqual([
      '49 s',
      '1 s',
      '0 s',
      '60 s',
      '2 min',
    ]);
  });

  it('show a missing latency as a dash, not as zero', () => {
    expect([null, undefined, 0, 0.4, 41.4, 12_345].map(toMs)).toEqual([
      '–',
      '–',
      '0 ms',
      '0.4 ms',
      '41 ms',
      '12.3 s',
    ]);
  });
});

describe('shares', () => {
  it('keep a decimal where it decides', () => {
    expect([0.6, 0.505, 1 / 3].map((share) => toPercent(share))).toEqual(['60%', '50.5%', '33.3%']);
    expect([0.369, 0.002, 0].map(toShortPercent)).toEqual(['37%', '0.2%', '0%']);
  });
});

describe('names', () => {
  it('of breakers have air around the arrow, and a word for it when spoken', () => {
    expect(toTitle('order→payment')).toBe('order → payment');
    expect(toSpoken('order→payment')).toBe('order to payment');
  });

  it('of orders keep their beginning and their end', () => {
    expect(['o1', 'lab-6fe6fd36-294'].map(toShortId)).toEqual(['o1', 'lab-…-294']);
  });

  it('of counted things know one and many', () => {
    expect([toCount(1, 'call'), toCount(0, 'call')]).toEqual(['1 call', '0 calls']);
  });
});
