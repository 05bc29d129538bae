/** What charts are drawn of: samples add up to the counts of the services, whenever they are taken. */
import type { ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import { zeroCounts } from '@holdfast/shared/resilience/breaker-state.ts';
import { expect, it } from 'vitest';
import { createSampler } from '../../../server/sample.ts';
import { aBreaker, aStatus } from '../../support/reports.ts';

const url = 'http://127.0.0.1:3000';
const customers = {
  counts: { completed: 0, pending: 0, refused: 0, failed: 0, unanswered: 0 },
  p50Ms: null,
  p99Ms: null,
};
const second = { success: 9, failure: 0, timeout: 0, rejected: 0, ignored: 0, saturated: 0 };

/** A status at a time, with the calls and those of the relay since the process started. */
function aStatusAt(at: number, counts: object, relayTotal = 0, startedAt = 1): ServiceStatus {
  const breaker = { ...aBreaker(), counts: { ...zeroCounts(), ...counts } };
  const lately = { counts: second, relay: 0, relayTotal, p50Ms: null, p99Ms: null };
  return aStatus({ at, startedAt, breakers: [breaker], lately: { [breaker.name]: lately } });
}

/** The samples of one breaker, of a status at each of these times. */
function samplesOf(statuses: readonly (readonly [now: number, status: ServiceStatus])[]) {
  const take = createSampler();
  return statuses.flatMap(([now, status]) => {
    const service = {
      name: 'order',
      url,
      fresh: () => status,
      stateOf: ({ state }: { state: 'closed' }) => state,
    };
    const sample = take(now, [service as never], () => customers);
    return sample === undefined ? [] : Object.values(sample.breakers);
  });
}

it('a sample has what was called since the last one, also when it is late', () => {
  const taken = samplesOf([
    [10_100, aStatusAt(10_000, { success: 100 })],
    [11_200, aStatusAt(11_000, { success: 120, failure: 2 }, 4)],
    [13_000, aStatusAt(12_900, { success: 158, failure: 2, timeout: 4, rejected: 7, saturated: 1 }, 6)],
  ]);
  expect(taken).toMatchObject([
    { ok: 9 },
    { ok: 20, failed: 2, rejected: 0, relay: 4 },
    { ok: 38, failed: 4, rejected: 8, relay: 2 },
  ]);
});

it('where no sample was before, a sample has what the service says of its last second', () => {
  const taken = samplesOf([
    [10_000, aStatusAt(10_000, { success: 100 })],
    [20_000, aStatusAt(20_000, { success: 300 })],
    [21_000, aStatusAt(21_000, { success: 310 }, 0, 2)],
    [22_000, aStatusAt(22_000, { success: 3 }, 0, 2)],
  ]);
  expect(taken.map(({ ok }) => ok)).toEqual([9, 9, 9, 9]);
});
