/** What the commands draw in their reports. */
import { expect, it } from 'vitest';
import { toAnswerChart } from '../../../canary/to-chart.ts';
import { toSicknessChart } from '../../../three-places/to-chart.ts';

it('a canary counts the answers of each second, and 0 where none came', () => {
  const answer = (at: number, status: number | null) => ({ id: 'a', dueAt: at, at, status });
  const { lines } = toAnswerChart([answer(100, 200), answer(900, 200), answer(2100, null)], 10_000);
  expect(Object.fromEntries(lines.map(({ name, points }) => [name, points]))).toEqual({
    completed: [
      [10_000, 2],
      [11_000, 0],
      [12_000, 0],
    ],
    'kept, finished later': [
      [10_000, 0],
      [11_000, 0],
      [12_000, 0],
    ],
    'asked again': [
      [10_000, 0],
      [11_000, 0],
      [12_000, 1],
    ],
  });
  expect(toAnswerChart([], 0).lines[0]?.points).toEqual([]);
});

it('a sickness is drawn from the beginning of the run, in calls a second', () => {
  const points = [
    { at: 500, first: 0, firstGood: 0, second: 10 },
    { at: 700, first: 4, firstGood: 4, second: 10 },
    { at: 1200, first: 4, firstGood: 4, second: 30 },
  ];
  const chart = toSicknessChart('nginx', { points, sickAt: 700, wellAt: 1000 }, 50_000);
  expect(chart.lines.map(({ points }) => points)).toEqual([
    [
      [50_200, 20],
      [50_700, 0],
    ],
    [
      [50_200, 0],
      [50_700, 40],
    ],
  ]);
  expect(chart.spans).toEqual([{ from: 50_200, to: 50_500, label: 'sick', tone: 'fault' }]);
});
