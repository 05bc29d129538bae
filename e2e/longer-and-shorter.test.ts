/** Chains of another length than three, rings, and a hop that fails on purpose. */

import { until } from '@holdfast/shared/core/until.ts';
import { MongoClient } from 'mongodb';
import { expect, it, onTestFinished } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { create, createOrder } from './requests.ts';
import { type Env, runNode } from './run-process.ts';

async function start(env: Env | ((portBase: number) => Env)): Promise<Chain> {
  const chain = await startChain(env);
  onTestFinished(() => chain.stop());
  return chain;
}

const servicesOf = (body: Readonly<Record<string, unknown>>) =>
  (body.hops as { service: string }[]).map(({ service }) => service);

it('a chain of five hops ships, and every hop keeps its document in a collection of its own', async () => {
  const create5 = (portBase: number, hop: number) => `http://127.0.0.1:${portBase + hop}/create`;
  const chain = await start((portBase) => ({ SHIPMENT_CHAIN_SVC: create5(portBase, 3) }));
  const { portBase, mongoUrl: MONGO_URL } = chain;
  const extra = [
    { ID: 'warehouse', PORT: `${portBase + 3}`, CHAIN_SVC: create5(portBase, 4), MONGO_URL },
    { ID: 'courier', PORT: `${portBase + 4}`, MONGO_URL },
  ].map((env) => runNode('shipment/src/main.ts', env));
  onTestFinished(() => void extra.forEach((hop) => void hop.signal('SIGTERM')));
  await Promise.all(extra.map((hop) => hop.says('ready ')));

  const order = createOrder();
  const { status, body } = await create(chain.url('order'), order);

  const services = ['order', 'payment', 'shipment', 'warehouse', 'courier'];
  expect({ status, services: servicesOf(body) }).toEqual({ status: 200, services });
  expect(`${body.message}`.replaceAll(/ @\d\d:\d\d/g, '')).toBe(
    `${services.map((service) => `This is ${service}`).join(' -> Next ')} -> Last`,
  );
  const client = new MongoClient(MONGO_URL);
  onTestFinished(() => client.close());
  const kept = await Promise.all(
    services.map((service) => client.db('holdfast').collection(`${service}s`).countDocuments()),
  );
  expect(kept).toEqual([1, 1, 1, 1, 1]);
});

it('JUMPS=2 ends the chain at payment', async () => {
  const chain = await start({ JUMPS: '2' });
  const { status, body } = await create(chain.url('order'));
  expect({ status, services: servicesOf(body) }).toEqual({ status: 200, services: ['order', 'payment'] });
  expect(body.message).toMatch(/^This is order @\d\d:\d\d -> Next This is payment @\d\d:\d\d -> Last$/);
});

it('a ring is answered and says in the log what to check', async () => {
  const chain = await start((portBase) => ({
    SHIPMENT_CHAIN_SVC: `http://127.0.0.1:${portBase + 2}/create`,
    LOG_FORMAT: 'json',
  }));
  const { status, body } = await create(chain.url('order'));
  expect([status, body.status]).toEqual([202, 'pending']);
  expect(chain.log().filter(({ code }) => code === 'loop')[0]).toMatchObject({
    service: 'shipment',
    level: 'error',
    msg: expect.stringContaining('CHAIN_SVC is a ring'),
  });
});

it('a shipment with INJECT_ERR=1 fails now and then; every order completes', async () => {
  // Four failures in ten open a breaker by chance, and a failed probe doubles its 10 s: kept out, it has tests of its own.
  const chain = await start({ SHIPMENT_INJECT_ERR: '1', BREAKER_MIN_CALLS: '100000' });
  const orders = Array.from({ length: 4 }, () => createOrder());
  for (const order of orders) {
    const { status } = await create(chain.url('order'), order);
    expect([200, 202]).toContain(status);
    await until('it completes', async () => (await create(chain.url('order'), order)).status === 200, {
      withinMs: 20_000,
    });
  }
});
