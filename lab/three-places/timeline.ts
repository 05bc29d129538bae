/** Finds in a series of counts when a sick instance was ejected and when it was back. Times are milliseconds. */

/** Counts at one moment: creates that each payment answered, and good answers of the first. */
export interface Point {
  readonly at: number;
  readonly first: number;
  readonly firstGood: number;
  readonly second: number;
}

/** When the first payment became sick and when it recovered. */
export interface SickSpan {
  readonly sickAt: number;
  readonly wellAt: number;
}

/** The course of the fault; `undefined`: not during the observation. */
export interface SicknessCourse {
  /** The first payment's share of the calls in the five seconds before. */
  readonly usualShare: number;
  /** From falling sick until it got at most 5 % of the calls of a second. */
  readonly ejectedMs: number | undefined;
  /** From recovery until its first good answer. */
  readonly firstBackMs: number | undefined;
  /** From recovery until it had four fifths of its usual share of the calls of a second. */
  readonly fullyBackMs: number | undefined;
}

const leftOut = 0.05;
const back = 0.8;
const secondMs = 1000;
const beforeMs = 5000;

/** Reads the course of a sickness; the points must be in the sequence of their times. */
export function readCourse(points: readonly Point[], { sickAt, wellAt }: SickSpan): SicknessCourse {
  const usualShare = shareBetween(points, sickAt - beforeMs, sickAt) ?? 0;
  const from = (start: number, end: number, is: (share: number) => boolean) =>
    points.find(({ at }) => {
      if (at < start || at + secondMs > end) return false;
      const share = shareBetween(points, at, at + secondMs);
      return share !== undefined && is(share);
    });
  const last = points.at(-1)?.at ?? 0;
  const ejected = from(sickAt, wellAt, (share) => share <= leftOut);
  const goodThen = at(points, wellAt)?.firstGood ?? 0;
  const firstBack = points.find((point) => point.at > wellAt && point.firstGood > goodThen);
  // A second that begins before its first call is not counted.
  const fullyBack = firstBack && from(firstBack.at, last, (share) => share >= usualShare * back);
  return {
    usualShare,
    ejectedMs: ejected && ejected.at - sickAt,
    firstBackMs: firstBack && firstBack.at - wellAt,
    fullyBackMs: fullyBack && fullyBack.at - wellAt,
  };
}

/** The first payment's share of the calls in a span; `undefined` when there were none. */
function shareBetween(points: readonly Point[], start: number, end: number): number | undefined {
  const [before, after] = [at(points, start), at(points, end)];
  if (before === undefined || after === undefined) return undefined;
  const first = after.first - before.first;
  const all = first + after.second - before.second;
  return all === 0 ? undefined : first / all;
}

/** The first point at or after a time. */
function at(points: readonly Point[], time: number): Point | undefined {
  return points.find((point) => point.at >= time);
}
