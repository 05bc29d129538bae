/**
 * The corpus of bad input against three real hops, with a client beside that means well and notices nothing: its orders
 * are completed, no breaker opens, nothing that was refused is stored, and no answer is a defect.
 */
import { connect } from 'node:net';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPayment } from '../../../payment/src/payment.ts';
import type { RunningHop } from '../../../shared/src/app/run-hop.ts';
import { useHops } from '../../../shared/test/support/hops.ts';
import { startChain } from '../../../shared/test/support/start-chain.ts';
import { createShipment } from '../../../shipment/src/shipment.ts';
import { order } from '../../src/order.ts';
import { createOrder } from '../support/create-order.ts';
import { bodies } from './bodies.ts';
import type { Case } from './case.ts';
import { headers } from './headers.ts';
import { ids } from './ids.ts';
import { controls, paths, verbs } from './paths.ts';
import { sockets } from './sockets.ts';

const classes = [bodies, ids, headers, paths, verbs, controls, sockets];
const hops = useHops('file');
/** Time enough on a machine that is busy with something else: the corpus is about harm, not about speed. */
const patient = { ATTEMPT_TIMEOUT_MS: '10000', REQUEST_TIMEOUT_MS: '30000' };
let front: RunningHop;
let chain: RunningHop[];
let calm = 0;

beforeAll(async () => {
  const kinds = [
    order,
    createPayment({ PAYMENT_LIMIT: 1000 }),
    createShipment({ UNDELIVERABLE: '' }),
  ] as const;
  const { front: door, middle, end } = await startChain(hops, { env: patient, kinds });
  front = door;
  chain = [front, middle, end];
});

it('has at least 500 cases, no two alike', () => {
  const all = classes.flatMap(({ name, cases }) => cases.map(({ title }) => `${name}: ${title}`));
  expect(all.length).toBeGreaterThanOrEqual(500);
  expect(all.filter((title, at) => all.indexOf(title) !== at)).toEqual([]);
});

describe.each(classes)('$name', ({ cases }) => {
  it.each(cases)('$title: $outcome', async (bad) => {
    const statuses = await send(bad);
    expect(statuses.length > 0 || bad.isRaw).toBe(true);
    if (bad.outcome === 'refused')
      expect(
        statuses.filter((status) => !(status >= 400 && status < 500) && status !== 501 && status !== 505),
      ).toEqual([]);
    else expect(statuses.filter((status) => status >= 500)).toEqual([]);
  });

  it('is not noticed by a client beside it, and leaves nothing behind', async () => {
    const [first, ...rest] = cases as [Case, ...Case[]];
    const beside = await Promise.all([
      ...[first, ...rest.filter((_, at) => at % 8 === 0)].map(async (bad) => void (await send(bad))),
      ...Array.from({ length: 10 }, () => sendCalm()),
    ]);
    expect(beside.filter((status) => status !== undefined)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await sendCalm()).toBe(200);
    for (const hop of chain) {
      const { breakers } = (await request(hop.url).get('/breakers')).body;
      expect(breakers.filter(({ state }: { state: string }) => state !== 'closed')).toEqual([]);
      expect((await request(hop.url).get('/readyz')).status).toBe(200);
    }
    for (const collection of ['orders', 'payments', 'shipments']) {
      const stored = (await hops.stored(collection)).map(({ _id }) => `${_id}`);
      expect(stored.filter((id) => id.includes('bad'))).toEqual([]);
    }
    expect(hops.crashed).toEqual([]);
    expect(hops.logged.filter(({ msg }) => `${msg}`.includes('a defect of this service'))).toEqual([]);
  });
});

async function sendCalm(): Promise<number> {
  calm += 1;
  return (
    await request(front.url)
      .post('/create')
      .send(createOrder(`calm-${calm}`))
  ).status;
}

/** Sends a case on a connection of its own; resolves with the statuses that came back. */
function send({ bytes, isRaw }: Case): Promise<number[]> {
  const { hostname, port } = new URL(front.url);
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => (isRaw ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (chunk) => received.push(chunk));
    // A reset is an answer, too: what came before it counts.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const text = Buffer.concat(received).toString('latin1');
      resolve([...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)));
    });
  });
}
