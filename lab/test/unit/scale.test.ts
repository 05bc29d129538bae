/** A scale run: its flags are bounded, and its verdict on a soak does not hang on one minute. */
import { UsageError } from '@holdfast/shared/core/command-options.ts';
import { describe, expect, it } from 'vitest';
import { judgeDrift } from '../../scale/drift.ts';
import { parseScaleSettings } from '../../scale/settings.ts';

describe('the settings of a scale run', () => {
  it('are everything that docs/benchmarks.md names when nothing is said', () => {
    expect(parseScaleSettings([])).toEqual({
      parts: ['kept', 'hops', 'connections', 'soak'],
      kept: [1000, 100_000, 1_000_000],
      hops: [3, 5, 8],
      connections: [64, 1000],
      minutes: 10,
      clients: 8,
      seconds: 8,
      warmup: 3,
      rate: 100,
      json: undefined,
    });
  });

  it.each([
    [['--parts', 'kept,rain'], '--parts knows kept, hops, connections, soak, not "rain".'],
    [['--hops', '2'], '--hops 2 is not legal: it must be a whole number from 3 to 16.'],
    [['--minutes', '2'], '--minutes 2 is not legal: it must be a whole number from 3 to 240.'],
    [['--kept', '0'], '--kept 0 is not legal: it must be a whole number from 1 to 5000000.'],
  ])('refuse %j', (args, message) => {
    expect(() => parseScaleSettings(args)).toThrow(new UsageError(message));
  });
});

describe('a soak', () => {
  it('is flat when a series goes up and down', () => {
    expect(judgeDrift([50, 20, 100, 102, 99, 101, 100, 98, 103, 100])).toMatchObject({ isFlat: true });
  });

  it('is flat though one minute was slow', () => {
    expect(judgeDrift([10, 10, 10, 10, 10, 10, 10, 10, 10, 95])).toEqual({
      ...{ middle: 10, perStep: 0, isFlat: true },
    });
  });

  it('grows when every minute takes more than the one before', () => {
    expect(judgeDrift([100, 100, 100, 104, 108, 112, 116, 120, 124, 128])).toEqual({
      ...{ middle: 114, perStep: 4, isFlat: false },
    });
  });

  it('forgets how it began', () => {
    expect(judgeDrift([10, 50, 100, 100, 100, 100, 100, 100])).toMatchObject({ perStep: 0, isFlat: true });
  });

  it('is flat when it climbs by no more than is ignored', () => {
    const climbing = [2, 2, 2, 2.5, 3, 3.5, 4, 4.5];
    expect(judgeDrift(climbing)).toMatchObject({ isFlat: false });
    expect(judgeDrift(climbing, 5)).toMatchObject({ isFlat: true });
  });

  it('is flat when it falls', () => {
    expect(judgeDrift([100, 90, 80, 70, 60, 50, 40, 30])).toMatchObject({ perStep: -10, isFlat: true });
  });
});
