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
  await fleet.settle();
  const newcomers = await Promise.all(
    ['payment', 'payment', 'payment'].map((name) => fleet.add(name as ServiceName)),
  );
  await fleet.settle();
  const spread = await evenSpread([first, ...newcomers]);
  await Promise.all(newcomers.map((member) => member.leave()));
  await fleet.settle();
  await load.reach(load.now() + 500);
  await expectNoneFailed(annotate, { spread });
});

/**
 * The calls to each from now on, as soon as each has had at least 20 and is within 10 % of an even share. The calls are counted
 * from one moment on, so that the few that were under way at either end weigh less and less.
 */
async function evenSpread(members: readonly Member[]): Promise<number[]> {
  const before = await callsTo(members);
  return until(
    'all get even shares',
    async () => {
      const calls = (await callsTo(members)).map((count, index) => count - (before[index] ?? 0));
      const even = calls.reduce((sum, count) => sum + count) / members.length;
      const isEven = even >= 20 && calls.every((count) => Math.abs(count - even) <= even / 10);
      return isEven && calls;
    },
    { withinMs: 20_000, everyMs: 200 },
  );
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
