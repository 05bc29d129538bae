/** Ten replicas in front of a neighbour that answers nothing but errors: how many probes it gets in an open period. */
import request from 'supertest';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { order } from '../../../order/src/order.ts';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { createHops, createOrder, type Hops } from '../support/hops.ts';
import { answer, type Neighbour, startNeighbour } from '../support/neighbour.ts';

const openMs = 1000;
const watchedMs = 5000;

let hops: Hops;
let neighbour: Neighbour;

beforeEach(async () => {
  hops = createHops();
  neighbour = await startNeighbour();
  neighbour.behave(answer(500, {}));
});
afterEach(async () => {
  await hops.stop();
  await neighbour.stop();
});

/** Probes per open period, while every replica has orders to hand on all the time. */
async function probesPerPeriod({ annotate }: TestContext, SHARED_PROBE: string): Promise<number> {
  const replicas = await Promise.all(
    Array.from({ length: 10 }, () =>
      hops.start(order, 'order', {
        SHARED_PROBE,
        CHAIN_SVC: neighbour.url,
        NEXT_NAME: 'payment',
        RETRY_ATTEMPTS: '1',
        BREAKER_MIN_CALLS: '1',
        BREAKER_OPEN_MS: `${openMs}`,
        BREAKER_OPEN_MAX_MS: `${openMs}`,
      }),
    ),
  );
  const sendAll = () =>
    Promise.all(replicas.map(({ url }) => request(url).post('/create').send(createOrder())));
  await until('every breaker is open', async () => {
    await sendAll();
    return (await Promise.all(replicas.map(isOpen))).every(Boolean);
  });
  const before = neighbour.received.length;
  const startedAt = performance.now();
  await until(
    'the watch is over',
    async () => {
      await sendAll();
      return performance.now() - startedAt > watchedMs;
    },
    { everyMs: 100, withinMs: 30_000 },
  );
  const periods = (performance.now() - startedAt) / openMs;
  const perPeriod = (neighbour.received.length - before) / periods;
  await annotate(
    `SHARED_PROBE=${SHARED_PROBE}: ${perPeriod.toFixed(1)} probes per open period of 10 replicas`,
  );
  return perPeriod;
}

async function isOpen({ url }: RunningHop): Promise<boolean> {
  const { breakers } = (await request(url).get('/breakers')).body;
  return breakers[0].state === 'open';
}

it('in real time: ten replicas that each decide alone send a probe each', async (context) => {
  expect(await probesPerPeriod(context, '0')).toBeGreaterThan(3);
});

it('in real time: ten replicas that agree send one', async (context) => {
  expect(await probesPerPeriod(context, '1')).toBeLessThan(3);
});
