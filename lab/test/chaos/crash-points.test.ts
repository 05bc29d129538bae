/**
 * No point is a bad one to die at: a service kills itself at each named point, comes back, and every order ends.
 *
 * The second document that passes a point (of `answered`, the first) dies with its process, and takes along what others
 * were at there.
 */
import { failpoints } from '@holdfast/shared/core/failpoint.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { type ProcessName, startChain, type TestChain } from '../../chaos/chain.ts';
import { createChaosOrder, endOf, type OrderKind } from '../../chaos/orders.ts';
import { sendOrder } from '../../chaos/send-order.ts';
import { auditOf } from '../support/audit-of.ts';

type Victim = Exclude<ProcessName, 'database'>;

const kinds: OrderKind[] = ['good', 'good', 'too-dear', 'undeliverable', 'good'];

/** Only what a waiting request itself completes passes here; on a busy machine the relay may complete the first ones. */
const pointsOfRequests: readonly string[] = ['answered'];

/** Where a service at the end of the chain passes: it hands nothing on. */
const pointsAtTheEnd: readonly string[] = ['before-insert', 'after-insert'];

describe.concurrent.each<{ names: Victim[]; seed: number }>([
  { names: ['order', 'shipment'], seed: 10 },
  { names: ['payment'], seed: 20 },
])('a crash of $names', ({ names, seed }) => {
  let chain: TestChain;
  beforeAll(async () => {
    chain = await startChain({ seed });
  });
  afterAll(() => chain.stop());

  const crashes = names.flatMap((name) =>
    failpoints
      .filter((point) => name !== 'shipment' || pointsAtTheEnd.includes(point))
      .map((point) => ({ name, point })),
  );

  it('at any point loses and doubles nothing', async () => {
    let sent = 0;
    for (const { name, point } of crashes) sent += await crash(chain, name, point);
    const report = await auditOf(chain);
    expect(report).toMatchObject({
      accepted: sent,
      completed: sent - crashes.length * 2,
      cancelled: crashes.length * 2,
      dead: 0,
      findings: [],
    });
  });
});

/** Crashes a service at a point; resolves to how many orders were sent. */
async function crash(chain: TestChain, name: Victim, point: string): Promise<number> {
  const victim = chain.processes[name];
  const orders: { id: string; kind: OrderKind }[] = kinds.map((kind, index) => ({
    id: `${name}-${point}-${index}`,
    kind,
  }));
  const proxy = name === 'order' ? chain.proxies.payment : chain.proxies.shipment;
  const byRelay = point === 'relay-claimed';
  await victim.kill();
  await victim.start({ LAB: '1', FAILPOINT: `${point}:${pointsOfRequests.includes(point) ? 1 : 2}` });

  if (byRelay) proxy.setFaults({ 'lose-request': 1 });
  const answers = orders.map(({ id, kind }) => sendOrder(chain.url, createChaosOrder(id, kind)));
  if (byRelay) await Promise.all(answers);
  proxy.setFaults({});
  let hasEnded = false;
  const ended = victim.ended.finally(() => {
    hasEnded = true;
  });
  const oneMore = async () => {
    if (hasEnded || !pointsOfRequests.includes(point)) return hasEnded;
    const id = `${name}-${point}-${orders.length}`;
    orders.push({ id, kind: 'good' });
    answers.push(sendOrder(chain.url, createChaosOrder(id)));
    await answers.at(-1);
    return hasEnded;
  };
  const end = await Promise.race([
    ended,
    until('a crash', oneMore, { withinMs: 8000, everyMs: 100 }).then(
      () => ended,
      () => undefined,
    ),
  ]);
  expect(end, `${name} passes ${point}`).toBe('SIGKILL');

  const answered = await Promise.all(answers);
  const acknowledged = answered.map(({ status }) => [200, 202, 422].includes(status));
  await victim.start();
  await Promise.all(
    orders.map(({ id, kind }, index) =>
      until(
        `${id} ends after a crash of ${name} at ${point}`,
        async () => {
          // Who was told nothing repeats; who was told 202 only looks, since nobody's help may be needed.
          if (!acknowledged[index]) await sendOrder(chain.url, createChaosOrder(id, kind));
          const view = await fetch(`${chain.url}/orders/${id}`).then((response) => response.json());
          return (view as { status?: string }).status === endOf(kind);
        },
        { withinMs: chain.leaseMs + 5000, everyMs: 50 },
      ),
    ),
  );
  const final = orders.flatMap(({ id, kind }, index) => {
    const before = answered[index];
    return before?.status === 200 || before?.status === 422
      ? [{ order: createChaosOrder(id, kind), before }]
      : [];
  });
  for (const { order, before } of final) {
    const { requestId: _, ...same } = { ...before.body };
    const again = await until(`${order.id} is answered again`, async () => {
      const answer = await sendOrder(chain.url, order);
      return answer.status !== 0 && answer.status !== 503 && answer;
    });
    expect([again.status, again.body]).toEqual([before.status, expect.objectContaining(same)]);
  }
  return orders.length;
}
