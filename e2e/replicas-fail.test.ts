/** Three payments and two shipments under a steady load, and one payment that fails in one of three ways. */

import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type TestContext } from 'vitest';
import { type Fleet, type Member, type SeenBreaker, startFleet } from './fleet.ts';
import { type Load, startLoad, toStatuses } from './load.ts';
import { ask } from './requests.ts';

let fleet: Fleet;
let load: Load;
let door: Member;
let victim: Member;

beforeAll(async () => {
  fleet = await startFleet({ order: 1, payment: 3, shipment: 2 }, { BREAKER_OPEN_MS: '3000' });
  [door] = fleet.of('order') as [Member];
  [, victim] = fleet.of('payment') as [Member, Member];
});
afterAll(() => fleet?.stop());
beforeEach(async () => {
  load = startLoad([door.url], { perSecond: 30 });
  await load.reach(1500);
});
afterEach(() => load.stop());

const breakerOf = async (member: Member): Promise<SeenBreaker | undefined> =>
  (await fleet.breakersOf(door)).find(({ name }) => name.endsWith(`@${new URL(member.url).host}`));
const callsTo = async (member: Member): Promise<number> => {
  const { counts } = (await breakerOf(member)) ?? { counts: { success: 0, failure: 0, timeout: 0 } };
  return counts.success + counts.failure + counts.timeout;
};
/** Resolves to the milliseconds until nobody is sent to it any more: its breaker is open, or it is forgotten. */
const ejected = async (member: Member) => {
  const from = load.now();
  await until('it gets no calls', async () => (await breakerOf(member))?.state !== 'closed', {
    withinMs: 15_000,
  });
  return load.now() - from;
};
/** Ends the load: every customer got 200 or 202, and every order of theirs is kept and finished once. */
const expectNoneFailed = async (annotate: TestContext['annotate'], figures: object = {}) => {
  const seen = await load.stop();
  const slowestMs = Math.max(...seen.map(({ ms }) => ms));
  await annotate(JSON.stringify({ ...figures, answers: toStatuses(seen), slowestMs }));
  expect(Object.keys(toStatuses(seen)).filter((status) => !/^20[02]$/.test(status))).toEqual([]);
  const { kept, lost, doubled, disagreement, findings } = await fleet.audit(seen);
  expect({ kept, lost, doubled, disagreement, findings }).toEqual({
    kept: true,
    lost: 0,
    doubled: 0,
    disagreement: 0,
    findings: [],
  });
  return { slowestMs };
};

it('in real time: one is killed: no request fails', async ({ annotate }) => {
  const [, , other] = fleet.of('payment') as [Member, Member, Member];
  other.signal('SIGKILL');
  const ejectedAfterMs = await ejected(other);
  await other.start();
  await fleet.allSeen();
  await expectNoneFailed(annotate, { ejectedAfterMs });
  expect(ejectedAfterMs).toBeLessThan(10_000);
});

it('in real time: one is stopped: no request waits for it, and it is left out', async ({ annotate }) => {
  victim.signal('SIGSTOP');
  const ejectedAfterMs = await ejected(victim);
  await load.reach(5000);
  victim.signal('SIGCONT');
  await fleet.allSeen();
  const { slowestMs } = await expectNoneFailed(annotate, { ejectedAfterMs });
  expect(ejectedAfterMs).toBeLessThan(10_000);
  expect(slowestMs).toBeLessThan(8000);
});

it('in real time: one is sick while its probes stay green: it is left out, and gets at most 5 % of the calls', async ({
  annotate,
}) => {
  await ask(`${victim.url}/faults/sick`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'error' }),
  });
  expect((await ask(`${victim.url}/readyz`)).status).toBe(200);
  const ejectedAfterMs = await ejected(victim);
  await load.reach(5000);
  const before = { sick: await callsTo(victim), seen: load.seen.length };
  await load.reach(9000);
  const share = ((await callsTo(victim)) - before.sick) / (load.seen.length - before.seen);
  await expectNoneFailed(annotate, { ejectedAfterMs, share });
  expect(ejectedAfterMs).toBeLessThan(10_000);
  expect(share).toBeLessThanOrEqual(0.05);
});
