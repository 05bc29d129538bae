import { describe, expect, it } from 'vitest';
import type { DeliveryResult } from '../../../src/delivery/deliver.ts';
import type { HopRecord } from '../../../src/delivery/record.ts';
import { earning, type RelayEvent, startRelay } from '../../../src/delivery/relay.ts';
import { createRetryBudget } from '../../../src/resilience/budget.ts';
import { createDeadline } from '../../../src/resilience/deadline.ts';
import { createWorld } from '../../simulation/world.ts';

const final: DeliveryResult = {
  kind: 'final',
  state: 'completed',
  result: { status: 200, body: {} },
  won: true,
};
const unfinished: DeliveryResult = {
  kind: 'unfinished',
  report: { kind: 'failed', due: new Date(0), err: 'refused' },
  reason: 'refused',
  waitMs: 1000,
  alarm: false,
  isDeadLetter: false,
};

const pending = (
  id: string,
  { ended = 0, n = 1, ageMs = 0 }: { ended?: number; n?: number; ageMs?: number } = {},
): HopRecord =>
  ({
    _id: id,
    at: new Date(-ageMs),
    out: { due: new Date(0), by: 'me/1', n, fails: 0, ended, firstAt: new Date(-ageMs) },
  }) as unknown as HopRecord;

/** A relay in virtual time over a list of due documents. */
function createHarness(
  due: HopRecord[],
  result: DeliveryResult = final,
  { sweepFails = false, minPerSecond = 1000 } = {},
) {
  const world = createWorld(1);
  const budget = createRetryBudget({ ratio: 0.5, minPerSecond }, world.now);
  const seen = {
    claims: 0,
    sweeps: [] as number[],
    deliveries: [] as string[],
    buried: [] as string[],
    most: 0,
    told: [] as RelayEvent[],
  };
  let breakerLets = true;
  let isProbe = false;
  let clockErrorMs = 0;
  let active = 0;
  const relay = startRelay({
    records: {
      async claim() {
        seen.claims += 1;
        return due.shift();
      },
      async sweep(now) {
        seen.sweeps.push(now.getTime());
        if (!sweepFails) return;
        await world.sleep(1200);
        throw new Error('no answer within 1200 ms');
      },
      async deadLetter(id, _by, reason) {
        seen.buried.push(`${id}: ${reason}`);
      },
    },
    async deliver({ _id }) {
      active += 1;
      seen.most = Math.max(seen.most, active);
      await world.sleep(100);
      active -= 1;
      seen.deliveries.push(_id);
      return result;
    },
    isCallPermitted: () => breakerLets,
    isProbe: () => isProbe,
    budget,
    leaseMs: 6000,
    createLease: () => ({ by: 'me/1', due: new Date(1000) }),
    createDeliveryOptions: () => ({
      deadline: { leftMs: () => 1000, throwIfExpired: () => undefined },
      propagatedHeaders: {},
      callerRetries: true,
    }),
    clock: () => world.now() + clockErrorMs,
    sleep: async (ms, signal) => {
      if (signal.aborted) return;
      const rung = new Promise<void>((wake) => signal.addEventListener('abort', () => wake()));
      await Promise.race([world.sleep(ms), rung]);
    },
    maxActive: 3,
    emit: (event) => seen.told.push(event),
  });
  return {
    seen,
    relay,
    world,
    budget,
    setProbe(next: boolean) {
      isProbe = next;
    },
    setBreaker(isCallPermitted: boolean) {
      breakerLets = isCallPermitted;
    },
    setClockError(ms: number) {
      clockErrorMs = ms;
    },
  };
}

describe('the relay', () => {
  it('takes one turn with everything that is due, no more at once than it may', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const { world, seen } = createHarness(ids.map((id) => pending(id)));
    await world.run(1000);
    expect(seen.deliveries.sort()).toEqual(ids);
    expect(seen.most).toBe(3);
  });

  it('begins with one document at a time, and pauses, until the next hop has answered', async () => {
    const { world, seen } = createHarness(
      ['a', 'b', 'c', 'd'].map((id) => pending(id)),
      unfinished,
    );
    await world.run(1000);
    expect(seen.most).toBe(1);
    expect(seen.deliveries).toEqual(['a', 'b', 'c']);
  });

  it('claims nothing while the breaker is open, and goes on when it lets calls pass', async () => {
    const { world, seen, setBreaker } = createHarness([pending('a')]);
    setBreaker(false);
    await world.run(0);
    const before = seen.claims;
    await world.run(60_000);
    expect(seen.claims).toBe(before);
    setBreaker(true);
    await world.run(61_000);
    expect(seen.deliveries).toEqual(['a']);
  });

  it('looks for work at first after 50 ms, then four times a second', async () => {
    const { world, seen } = createHarness([]);
    await world.run(10_000);
    expect(seen.claims).toBeGreaterThanOrEqual(40);
    expect(seen.claims).toBeLessThanOrEqual(44);
  });

  describe('with a budget for what it asks in vain', () => {
    const many = () => Array.from({ length: 10_000 }, (_, n) => pending(`${n}`));
    const waiting = { ...unfinished, report: { ...unfinished.report, kind: 'waiting' } } as const;

    it('asks a neighbour that finishes nothing no more often than that', async () => {
      const { world, seen, budget } = createHarness(many(), waiting, { minPerSecond: 5 });
      for (let second = 0; second < 20; second += 1)
        world.at(second * 1000, () => Array.from({ length: 20 }, budget.earn));
      await world.run(20_000);
      expect(seen.deliveries.length).toBeGreaterThan(20 * 14);
      expect(seen.deliveries.length).toBeLessThanOrEqual(20 * 15 + 5);
    });

    it('that customers fill, and no relay of an earlier hop', async () => {
      const { budget } = createHarness([], final, { minPerSecond: 5 });
      const before = budget.left();
      const deliver = earning(async () => final, budget);
      const how = { deadline: createDeadline(1000), propagatedHeaders: {}, callerRetries: true };
      for (const _ of ['one', 'two']) await deliver(pending('a'), 'me/1', { ...how, background: true });
      expect(budget.left()).toBe(before);
      for (const _ of ['one', 'two']) await deliver(pending('a'), 'me/1', { ...how, background: false });
      expect(budget.left()).toBe(before + 1);
    });

    it('is not held up by it while the neighbour finishes what it gets', async () => {
      const { world, seen } = createHarness(many(), final, { minPerSecond: 5 });
      await world.run(20_000);
      expect(seen.deliveries.length).toBeGreaterThan(20 * 29); // three at once, 100 ms each
    });

    it('loses nothing of it by what was not sent', async () => {
      const notSent = { ...unfinished, report: { ...unfinished.report, kind: 'not-sent' } } as const;
      const { world, budget } = createHarness(many(), notSent, { minPerSecond: 5 });
      await world.run(20_000);
      expect(budget.left()).toBeGreaterThan(5);
    });

    it('sends a probe though nothing of it is left', async () => {
      const { world, seen, budget, setProbe } = createHarness(many(), waiting, { minPerSecond: 0 });
      await world.run(2000);
      expect([seen.deliveries, budget.left()]).toEqual([[], 0]);
      setProbe(true);
      await world.run(2500);
      expect(seen.deliveries.length).toBeGreaterThan(0);
    });
  });

  it('takes a document whose holders died five times alone, and puts it aside after eight', async () => {
    const { world, seen } = createHarness([
      pending('a'),
      pending('b'),
      pending('suspect', { ended: 5 }),
      pending('poison', { ended: 8 }),
    ]);
    await world.run(2000);
    expect(seen.deliveries).toEqual(['a', 'b', 'suspect']);
    expect(seen.buried).toEqual(['poison: 8 attempts ended their process']);
    expect(seen.told).toEqual([{ kind: 'dead', id: 'poison', reason: '8 attempts ended their process' }]);
  });

  it('goes on with a document however often it was claimed and however old it is', async () => {
    const { world, seen } = createHarness([
      pending('slow-store', { n: 500 }),
      pending('old', { ageMs: 1000 * 3_600_000 }),
    ]);
    await world.run(1000);
    expect([seen.deliveries, seen.buried]).toEqual([['slow-store', 'old'], []]);
  });

  it('says of a document that nothing more can be hoped for that it is dead', async () => {
    const { world, seen } = createHarness([pending('hopeless')], { ...unfinished, isDeadLetter: true });
    await world.run(500);
    expect(seen.told).toEqual([{ kind: 'dead', id: 'hopeless', reason: 'refused' }]);
  });

  it('sweeps every half minute, and at once when its clock jumps either way', async () => {
    const { world, seen, setClockError } = createHarness([]);
    await world.run(61_000);
    expect(seen.sweeps).toHaveLength(3);
    for (const jumpMs of [86_400_000, -86_400_000]) {
      const { length } = seen.sweeps;
      setClockError(jumpMs);
      await world.run(world.now() + 300);
      expect(seen.sweeps).toHaveLength(length + 1);
    }
  });

  it('goes on with what is due though its sweeps fail', async () => {
    const due = Array.from({ length: 400 }, (_, n) => pending(`${n}`));
    const { world, seen } = createHarness(due, final, { sweepFails: true });
    await world.run(31_000);
    expect([seen.sweeps.length, seen.deliveries.length]).toEqual([2, 400]);
  });

  it.each([
    [59_000, []],
    [60_000, ['warn']],
    [600_000, ['error']],
  ])('at an age of %i ms says %j', async (ageMs, levels) => {
    const { world, seen } = createHarness([pending('late', { ageMs })], unfinished);
    await world.run(500);
    expect(seen.told.map((event) => event.kind === 'old' && event.level)).toEqual(levels);
  });

  it('finishes its turns before it stops, and claims nothing more', async () => {
    const { world, seen, relay } = createHarness([pending('a')]);
    await world.run(10);
    const stopped = relay.stop();
    await world.run(5000);
    await stopped;
    expect(seen.deliveries).toEqual(['a']);
    const { claims } = seen;
    await world.run(60_000);
    expect(seen.claims).toBe(claims);
  });
});
