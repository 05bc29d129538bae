/** Checks an untrusted load: at a rate, at rates that change, or at given moments. */
import type { Load } from './scenario.ts';
import { durationRange, type SettingCheck } from './setting-check.ts';

/** What is said of a scenario in which nothing happens. */
export const withoutLoad = 'it has no load; say how many calls come, such as load: { ratePerSecond: 20 }';

const rateRange = { min: 0, max: 100_000 };

const noLoad: Load = { atMs: [] };

/** Checks an untrusted load, or the rate that stands for one. */
export function parseLoad(
  check: SettingCheck,
  { load, ratePerSecond }: Readonly<Record<string, unknown>>,
): Load {
  if (load === undefined && ratePerSecond === undefined) {
    check.refuse('', withoutLoad);
    return noLoad;
  }
  if (load === undefined)
    return { ratePerSecond: check.number(ratePerSecond, 'ratePerSecond', rateRange, 0) };
  if (ratePerSecond !== undefined) check.refuse('ratePerSecond', 'stands beside load; give one of them');
  const known = ['ratePerSecond', 'steps', 'atMs', 'arrivals'];
  const fields = check.fieldsOf(load, 'load', known);
  const kinds = known.slice(0, 3).filter((kind) => fields[kind] !== undefined);
  if (kinds.length !== 1) {
    check.refuse(
      'load',
      `must have one of ratePerSecond, steps and atMs, got ${kinds.join(' and ') || 'none'}`,
    );
    return noLoad;
  }
  if (fields.atMs !== undefined) return { atMs: check.numbers(fields.atMs, 'load.atMs', durationRange) };
  const { arrivals = 'random' } = fields;
  if (arrivals !== 'random' && arrivals !== 'even')
    check.refuse('load.arrivals', "must be 'random' or 'even'");
  const kind = arrivals === 'even' ? 'even' : 'random';
  if (fields.steps === undefined)
    return {
      ratePerSecond: check.number(fields.ratePerSecond, 'load.ratePerSecond', rateRange, 0),
      arrivals: kind,
    };
  return { steps: parseSteps(check, fields.steps), arrivals: kind };
}

function parseSteps(check: SettingCheck, given: unknown) {
  if (!Array.isArray(given) || given.length === 0) {
    check.refuse('load.steps', 'must be a list of at least one { fromMs, ratePerSecond }');
    return [];
  }
  return given.map((step: unknown, index) => {
    const path = `load.steps.${index}`;
    const fields = check.fieldsOf(step, path, ['fromMs', 'ratePerSecond']);
    return {
      fromMs: check.need(fields.fromMs, `${path}.fromMs`, durationRange),
      ratePerSecond: check.need(fields.ratePerSecond, `${path}.ratePerSecond`, rateRange),
    };
  });
}

/** Calls of a load at most. */
export function countMostCalls(load: Load, seconds: number): number {
  if ('atMs' in load) return load.atMs.length;
  const rates = 'steps' in load ? load.steps.map(({ ratePerSecond }) => ratePerSecond) : [load.ratePerSecond];
  return Math.max(0, ...rates) * seconds;
}

/** How long calls come when nothing is said: at given moments until the last of them, else `fallback`. */
export function toDefaultSeconds(load: Load, fallback: number): number {
  if (!('atMs' in load) || load.atMs.length === 0) return fallback;
  return Math.floor(load.atMs.reduce((last, atMs) => Math.max(last, atMs), 0) / 1000) + 1;
}
