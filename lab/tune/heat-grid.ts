/** Two settings against each other, all others as they are today: what a reader of the map could do with two changes. */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { toMean } from '../measure/statistics.ts';
import type { HeatMap } from '../report/figures/draw-heat-map.ts';
import type { Kept } from './put-back.ts';
import type { SearchedSetting } from './space.ts';
import type { RunTrials } from './trial.ts';

const seeds = 3;
const mostValues = 10;

/** The two settings that matter most for the winner, else those that usually do. */
export function toHeatAxes(
  space: readonly SearchedSetting[],
  kept: readonly Kept[],
): readonly [SearchedSetting, SearchedSetting] {
  const usual = ['breaker.openMs', 'attemptTimeoutMs', 'attempts'];
  const sequence = [...kept.map(({ setting }) => setting.path), ...usual];
  const [x, y] = [...new Set(sequence)].flatMap(
    (path) => space.find((setting) => setting.path === path) ?? [],
  );
  if (x === undefined || y === undefined) throw new TypeError('A map needs two settings.');
  return [x, y];
}

/** Measures the share of failed calls at each pair of values; `null` where it never recovers. */
export async function toHeatGrid(
  [x, y]: readonly [SearchedSetting, SearchedSetting],
  today: Policy,
  runTrials: RunTrials,
): Promise<HeatMap> {
  const [columns, rows] = [toValues(x, today), toValues(y, today)];
  const policies = rows.flatMap((row) => columns.map((column) => y.set(x.set(today, column), row)));
  const measured = await runTrials(
    policies.flatMap((policy) => Array.from({ length: seeds }, (_, nth) => ({ policy, nth }))),
  );
  const cells = policies.map((_, index) => {
    const own = measured.slice(index * seeds, (index + 1) * seeds);
    if (own.some(({ recoveredAfterMs }) => recoveredAfterMs === null)) return null;
    return 100 * toMean(own.map(({ failed, calls }) => failed / Math.max(1, calls)));
  });
  const [markedX, markedY] = [x.get(today), y.get(today)];
  return {
    title: 'Failed calls',
    ...{ unit: '%', lowIsGood: true },
    x: { ...toAxis(x), values: columns },
    y: { ...toAxis(y), values: rows },
    cells: rows.map((_, row) => cells.slice(row * columns.length, (row + 1) * columns.length)),
    ...(markedX === null || markedY === null ? {} : { marked: { x: markedX, y: markedY } }),
  };
}

/** Its values, with that of today among them. */
function toValues(setting: SearchedSetting, today: Policy): number[] {
  const now = setting.get(today);
  const known = setting.values.filter((value) => value !== null);
  const all = [...new Set([...known, ...(now === null ? [] : [now])])].sort((a, b) => a - b);
  const surplus = all.length - mostValues;
  return surplus <= 0 ? all : all.filter((value, index) => value === now || index % 2 === 0);
}

function toAxis({ path, unit }: SearchedSetting): { readonly label: string; readonly unit?: string } {
  return unit === 'ms' ? { label: path, unit } : { label: path };
}
