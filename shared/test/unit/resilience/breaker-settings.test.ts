/** The settings: ranges, defaults, growth of the open period, and that the page for users says the same. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  breakerDefaults,
  breakerRanges,
  parseBreakerSettings,
  toOpenPeriodMs,
} from '../../../src/resilience/breaker-settings.ts';
import { InvalidSettingsError } from '../../../src/resilience/errors.ts';

it('lays what is given over the base and freezes it', () => {
  const settings = parseBreakerSettings({ minCalls: 9, openMs: undefined });
  expect(settings).toEqual({ ...breakerDefaults, minCalls: 9 });
  expect(Object.isFrozen(settings)).toBe(true);
});

it('names every bad field with its range at once', () => {
  const parse = () =>
    parseBreakerSettings({ minCalls: 0.5, thresholdRatio: '1', 'a/b': 1, openMs: Number.NaN });
  expect(parse).toThrow(InvalidSettingsError);
  expect(parse).toThrow(
    'Invalid breaker settings: minCalls must be a whole number from 1 to 100000, got 0.5; ' +
      'thresholdRatio must be a number from 0 to 1, got "1"; a~1b is not a setting of a breaker; ' +
      'openMs must be a whole number from 10 to 3600000, got null.',
  );
});

it.each(Object.entries(breakerRanges))(
  'takes both ends of the range of %s and nothing outside',
  (field, { min, max }) => {
    expect(parseBreakerSettings({ [field]: min })).toMatchObject({ [field]: min });
    expect(parseBreakerSettings({ [field]: max })).toMatchObject({ [field]: max });
    expect(() => parseBreakerSettings({ [field]: min - 1 })).toThrow(InvalidSettingsError);
    expect(() => parseBreakerSettings({ [field]: max + 1 })).toThrow(InvalidSettingsError);
  },
);

it.each(Object.entries(breakerRanges))(
  'takes a fraction for %s only where one makes sense',
  (field, { min }) => {
    const takesFractions = ['thresholdRatio', 'openFactor', 'jitterRatio'].includes(field);
    const parse = () => parseBreakerSettings({ [field]: min + 0.5 });
    if (takesFractions) expect(parse()).toMatchObject({ [field]: min + 0.5 });
    else expect(parse).toThrow(`${field} must be a whole number`);
  },
);

it('points at a field by its JSON Pointer', () => {
  const parse = () => parseBreakerSettings({ 'a~/b': 1 });
  expect(parse).toThrow(
    expect.objectContaining({ issues: [{ pointer: '/a~0~1b', detail: expect.any(String) }] }),
  );
});

it('has defaults within their ranges', () => {
  expect(parseBreakerSettings(breakerDefaults)).toEqual(breakerDefaults);
});

it('does not take names from the prototype for settings', () => {
  expect(() => parseBreakerSettings({ constructor: 1 })).toThrow('constructor is not a setting of a breaker');
});

it('keeps the first open period exact and never exceeds the cap', () => {
  const periods = (random: number) =>
    [0, 1, 2, 3, 60].map((failed) => toOpenPeriodMs(breakerDefaults, failed, () => random));
  expect(periods(0)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  expect(periods(1)).toEqual([10_000, 18_000, 36_000, 54_000, 54_000]);
});

it('does not grow when the cap is below the first period', () => {
  expect(toOpenPeriodMs({ ...breakerDefaults, openMs: 90_000, jitterRatio: 0 }, 3, () => 0)).toBe(90_000);
});

it('is documented with its ranges and defaults in docs/breaker.md', () => {
  const page = readFileSync(new URL('../../../../docs/breaker.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \|[^|]*\|[^|]*\| (\S+) to (\S+) \| (\S+) \|/gm)];
  const documented = rows.map(([, name, ...numbers]) => [
    name,
    ...numbers.map((text) => Number(text.replaceAll(',', ''))),
  ]);
  const real = Object.entries(breakerRanges).map(([name, { min, max }]) => [
    name,
    min,
    max,
    breakerDefaults[name as keyof typeof breakerDefaults],
  ]);
  expect(documented).toEqual(real);
});
