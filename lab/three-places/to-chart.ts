/** The chart of one scenario: the calls that each payment answered, and when the first was sick. */
import type { Chart, Point as ChartPoint } from '../report/report.ts';
import type { ScenarioResult } from './scenario.ts';

/** The calls of a second, all scenarios from the same moment on, so that they can be compared. */
export function toSicknessChart(
  title: string,
  { points, sickAt, wellAt }: Pick<ScenarioResult, 'points' | 'sickAt' | 'wellAt'>,
  beganAt: number,
): Chart {
  const start = points[0]?.at ?? 0;
  const shift = (at: number) => Math.round(beganAt + at - start);
  const line = (name: string, read: (point: ScenarioResult['points'][number]) => number) => ({
    name,
    points: points.slice(1).map((point, index): ChartPoint => {
      const before = points[index];
      if (before === undefined) return [shift(point.at), null];
      return [shift(point.at), ((read(point) - read(before)) * 1000) / (point.at - before.at)];
    }),
  });
  return {
    ...{ title, unit: 'calls a second' },
    lines: [line('first payment', ({ first }) => first), line('second payment', ({ second }) => second)],
    spans: [{ from: shift(sickAt), to: shift(wellAt), label: 'sick', tone: 'fault' }],
  };
}
