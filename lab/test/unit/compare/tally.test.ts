/** The figures of one chain, second by second. */
import { expect, it } from 'vitest';
import { createTally } from '../../../compare/tally.ts';

const outage = { fromMs: 1000, toMs: 2000 };

it('an answer belongs to the second in which its order was due, however late it came', () => {
  const tally = createTally(outage);
  tally.answer({ dueMs: 500, ms: 4000, status: 200 });
  tally.answer({ dueMs: 1500, ms: 10, status: 503 });
  tally.answer({ dueMs: 1600, ms: 30, status: 202 });
  tally.answer({ dueMs: 2500, ms: 20, status: 0 });
  const { points, before, during, after, answers } = tally.report();
  expect(points.map(({ p50Ms, p99Ms, failed }) => [p50Ms, p99Ms, failed])).toEqual([
    [4000, 4000, 0],
    [10, 30, 1],
    [20, 20, 1],
  ]);
  expect([before, during, after]).toEqual([
    { orders: 1, p50Ms: 4000, p99Ms: 4000, failed: 0 },
    { orders: 2, p50Ms: 10, p99Ms: 30, failed: 1 },
    { orders: 1, p50Ms: 20, p99Ms: 20, failed: 1 },
  ]);
  expect(answers).toEqual({ 200: 1, 202: 1, 503: 1, none: 1 });
});

it('wasted calls are the growth of the count, and their sum over the seconds is the count', () => {
  const tally = createTally(outage);
  const observe = (atMs: number, wasted: number) =>
    tally.observe(atMs, { wasted, inFlight: wasted, pending: 2 * wasted, state: 'closed' });
  observe(100, 0);
  observe(900, 3);
  observe(1100, 5);
  observe(1900, 4); // an older status that was heard late
  observe(3100, 9);
  const { points, calls, mostInFlight, mostPending } = tally.report();
  expect(points.map(({ wasted }) => wasted)).toEqual([3, 2, 0, 4]);
  expect(calls.wasted).toBe(9);
  expect([mostInFlight, mostPending]).toEqual([9, 18]);
});

it('a second that nothing was heard of keeps what is pending, and has no latency', () => {
  const tally = createTally(outage);
  tally.observe(100, { wasted: 0, inFlight: 4, pending: 7, state: 'open' });
  tally.observe(2100, { wasted: 0, inFlight: 1, pending: 1, state: 'closed' });
  expect(tally.report().points[1]).toEqual({
    ...{ second: 1, p50Ms: null, p99Ms: null, failed: 0, wasted: 0 },
    ...{ inFlight: 0, pending: 7, state: 'open' },
  });
});
