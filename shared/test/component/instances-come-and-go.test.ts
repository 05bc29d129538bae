/** Instances come and go under new addresses, and nothing of those that are gone is kept. */
import request from 'supertest';
import { expect, it } from 'vitest';
import { until } from '../../src/core/until.ts';
import { parseExposition } from '../../src/observability/exposition.ts';
import type { BreakerCall } from '../../src/resilience/breaker-events.ts';
import { type TestHop, useHops } from '../support/hops.ts';
import { frontKind } from '../support/kinds.ts';
import { listen } from '../support/listen.ts';

const hops = useHops();

const stay = ['203.0.113.1', '203.0.113.2'];
/** Addresses that nobody has; `round` makes them others. */
const others = (round: number) =>
  Array.from({ length: 500 }, (_, index) => `198.${18 + round}.${index >> 8}.${index & 255}`);
const toName = (address: string) => `front→middle@${address}:3000`;

it('a thousand come and go behind a name (real seconds): metrics, ticks and lists are as before', async () => {
  let behind: readonly string[] = stay;
  const hop = await hops.start(
    frontKind,
    'front',
    { CHAIN_SVC: 'dns+http://depot.test:3000/create', NEXT_NAME: 'middle', BREAKER_OPEN_MS: '60000' },
    { resolve: async () => ({ addresses: behind, ttlSeconds: 0 }) },
  );
  const { breakers } = hop.telemetry;
  const move = async (to: readonly string[]) => {
    behind = to;
    const names = `${to.map(toName).sort()}`;
    const areKnown = () =>
      `${breakers
        .list()
        .map(({ name }) => name)
        .sort()}` === names;
    await until('they are known', areKnown, { withinMs: 15_000 });
  };

  await move(stay);
  for (const address of stay) call(hop, address);
  const before = await lookAt(hop);
  for (const round of [0, 1]) {
    const newcomers = others(round);
    await move([...newcomers, ...stay]);
    for (const address of newcomers) {
      call(hop, address);
      breakers.change(toName(address), { shadow: { openMs: 5000 } });
    }
    for (const breaker of breakers.list()) if (breaker.name.includes('@198.')) breaker.trip();
    const { telling, series } = await lookAt(hop);
    expect(telling.length).toBe(before.telling.length + newcomers.length);
    expect(series.length).toBeGreaterThan(before.series.length + newcomers.length);
    await move(stay);
    // Calls that were on their way end when their instance is gone already.
    for (const address of newcomers) call(hop, address);
  }
  expect(await lookAt(hop)).toEqual(before);

  await move([...others(0), ...stay]);
  expect(breakers.report(toName('198.18.0.0'))).toMatchObject({ opened: 0, shadow: null, state: 'closed' });
  expect((await lookAt(hop)).telling).toEqual(before.telling);
}, 40_000);

/** Tells of a call as the breaker of an instance does. */
function call({ telemetry: { events } }: TestHop, address: string): void {
  const name = toName(address);
  events.emit('call', { name, outcome: 'success', durationMs: 5, state: 'closed' } as BreakerCall);
}

/** Every name that a service says, by where it says it: what happened, which is kept for a while, left out. */
async function lookAt({ url }: TestHop) {
  const stream = await listen(url);
  const [snapshot, tick] = await Promise.all([stream.waitFor('snapshot'), stream.waitFor('tick')]);
  stream.close();
  expect(snapshot.data.history.length).toBeLessThanOrEqual(100);
  const { samples } = parseExposition((await request(url).get('/metrics')).text);
  return {
    breakers: tick.data.breakers.map(({ name }: { name: string }) => name),
    telling: Object.keys(tick.data.lately),
    first: Object.keys(snapshot.data.lately),
    series: samples
      .filter(({ labels }) => labels.breaker !== undefined)
      .map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`),
  };
}
