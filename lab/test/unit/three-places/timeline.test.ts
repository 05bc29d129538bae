/** When somebody was left out and when he was back, read from counts. */
import { expect, it } from 'vitest';
import { type Point, readCourse } from '../../../three-places/timeline.ts';

/** Fifty calls a second for thirty seconds; `shareAt` is the first one's share of them, `isGood` whether it answers well. */
function count(shareAt: (at: number) => number, isGood: (at: number) => boolean): Point[] {
  const points: Point[] = [];
  let [first, firstGood, second] = [0, 0, 0];
  for (let at = 0; at <= 30_000; at += 200) {
    points.push({ at, first, firstGood, second });
    const share = shareAt(at);
    first += 10 * share;
    firstGood += isGood(at) ? 10 * share : 0;
    second += 10 * (1 - share);
  }
  return points;
}

const times = { sickAt: 10_000, wellAt: 20_000 };
const isWell = (at: number) => at < times.sickAt || at >= times.wellAt;

it('finds when it was left out, when its first call came back, and when its share did', () => {
  const share = (at: number) => (at < 12_000 ? 0.5 : at < 22_000 ? 0 : at < 25_000 ? 0.1 : 0.5);
  const course = readCourse(count(share, isWell), times);
  expect(course).toEqual({ usualShare: 0.5, ejectedMs: 2000, firstBackMs: 2200, fullyBackMs: 4800 });
});

it('one that keeps its share was never left out', () => {
  const { ejectedMs, firstBackMs } = readCourse(
    count(() => 0.5, isWell),
    times,
  );
  expect({ ejectedMs, firstBackMs }).toEqual({ ejectedMs: undefined, firstBackMs: 200 });
});

it('one that gets no call any more never came back', () => {
  const share = (at: number) => (at < 10_000 ? 1 : 0);
  expect(readCourse(count(share, isWell), times)).toEqual({
    usualShare: 1,
    ejectedMs: 0,
    firstBackMs: undefined,
    fullyBackMs: undefined,
  });
});
