/** Instances that leave and come, one after the other, while orders keep coming. */

import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type TestContext } from 'vitest';
import type { ServiceName } from '../chain.ts';
import { type Fleet, type Member, startFleet } from './fleet.ts';
import { type Load, startLoad, toStatuses } from './load.ts';

let fleet: Fleet;
let load: Load;

beforeAll(async () => {
  fleet = await startFleet({ order: 2, payment: 3, shipment: 2 }, { BALANCER: 'round-robin' });
});
afterAll(() => fleet?.stop());
beforeEach(async () => {
  load = startLoad(
    fleet.of('order').map(({ url }) => url),
    { perSecond: 30, mostWaiting: 8 },
  );
  await load.reach(1000);
});
afterEach(() => load.stop());

const expectNoneFailed = async (annotate: TestContext['annotate'], figures: object = {}) => {
  const seen = await load.stop();
  await annotate(JSON.stringify({ ...figures, answers: toStatuses(seen) }));
  const bad = seen.filter(({ status }) => status !== 200 && status !== 202);
  expect(bad).toEqual([]);
  expect(await fleet.audit(seen)).toMatchObject({ kept: true, lost: 0, findings: [] });
};

it('every instance of every service is restarted in turn: no request fails', async ({ annotate }) => {
  const lanes: readonly ServiceName[][] = [['order', 'shipment'], ['payment']];
  await Promise.all(lanes.map(restartInTurn));
  await load.reach(load.now() + 500);
  await expectNoneFailed(annotate);
});

it('1 payment becomes 4 and 1 again: no request fails, and four get even shares by round-robin', async ({
  annotate,
}) => {
  const [first, ...others] = fleet.of('payment') as [Member, ...Member[]];
  await Promise.all(others.map((member) => member.leave()));
  await fleet.allSeen();
  const newcomers = await Promise.all(
    ['payment', 'payment', 'payment'].map((name) => fleet.add(name as ServiceName)),
  );
  await fleet.allSeen();
  const spread = await until('four get even shares', () => evenSpread([first, ...newcomers]), {
    withinMs: 30_000,
  });
  await Promise.all(newcomers.map((member) => member.leave()));
  await fleet.allSeen();
  await load.reach(load.now() + 500);
  await expectNoneFailed(annotate, { spread });
});

/**
 * The next calls to each, thirty on average, if each is within 10 % of an even share. They are counted and not timed: on a busy
 * machine the few that are under way at either end would outweigh the others.
 */
async function evenSpread(members: readonly Member[]): Promise<number[] | undefined> {
  const before = await callsTo(members);
  const calls = await until('thirty calls to each', async () => {
    const since = (await callsTo(members)).map((count, index) => count - (before[index] ?? 0));
    return sum(since) >= 30 * members.length && since;
  });
  const even = sum(calls) / members.length;
  return calls.every((count) => Math.abs(count - even) <= even / 10) ? calls : undefined;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

async function restartInTurn(services: readonly ServiceName[]): Promise<void> {
  for (const member of services.flatMap(fleet.of)) {
    await member.leave();
    await member.start();
  }
}

/** How many calls the front doors made to each instance. */
async function callsTo(members: readonly Member[]): Promise<number[]> {
  const breakers = (await Promise.all(fleet.of('order').map(fleet.breakersOf))).flat();
  return members.map(({ url }) =>
    breakers
      .filter(({ name }) => name.endsWith(`@${new URL(url).host}`))
      .reduce((sum, { counts }) => sum + counts.success + counts.failure + counts.timeout, 0),
  );
}
