/** Ten replicas in front of a neighbour that answers nothing but errors: how many probes it gets in an open period. */
import request from 'supertest';
import { beforeEach, expect, it, type TestContext } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, useNeighbour } from '../support/neighbour.ts';

const openMs = 1000;
const watchedMs = 3000;

const neighbour = useNeighbour();
const hops = useHops();

beforeEach(async () => {
  neighbour.behave(answer(500, {}));
});

/** Probes per open period, while every replica has documents to deliver all the time. */
async function probesPerPeriod({ annotate }: TestContext, SHARED_PROBE: string): Promise<number> {
  const replicas = await Promise.all(
    Array.from({ length: 10 }, () =>
      hops.start(frontKind, 'front', {
        SHARED_PROBE,
        CHAIN_SVC: neighbour.url,
        NEXT_NAME: 'middle',
        RETRY_ATTEMPTS: '1',
        BREAKER_MIN_CALLS: '1',
        BREAKER_OPEN_MS: `${openMs}`,
        BREAKER_OPEN_MAX_MS: `${openMs}`,
      }),
    ),
  );
  const sendAll = () =>
    Promise.all(replicas.map(({ url }) => request(url).post('/create').send(createDocument())));
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
