/** Two releases behind the real HAProxy, with deploy/canary as it is: shares, targeting, and a rollback. */

import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { forEachService, serviceNames } from '../chain.ts';
import type { Acknowledged } from '../lab/audit/acknowledged.ts';
import { breakCanaries } from '../lab/canary/break-canary.ts';
import { askVersions, ofCanary, sendOrders } from '../lab/canary/distribution.ts';
import { serversOf } from '../lab/canary/observe.ts';
import { canaryConfig, type ReleaseSet, startReleaseSet } from '../lab/canary/release-set.ts';
import { rollOut } from '../lab/canary/rollout.ts';
import { auditAtEnd } from '../lab/proxies/audit-at-end.ts';
import { startCustomers } from '../lab/proxies/customers.ts';
import { checkProxy } from '../lab/proxies/run-proxy.ts';
import { createHttpCalls } from '../lab/server/http-call.ts';
import { needing } from '../lab/test/support/needing.ts';

const needs = await needing('haproxy');
const calls = createHttpCalls();
let set: ReleaseSet;
const acknowledged: Acknowledged[] = [];

beforeAll(async () => {
  set = await startReleaseSet(
    forEachService(({ name }) => ({ stable: name === 'order' ? 3 : 1, canary: 1 })),
  );
});
afterAll(async () => {
  calls.close();
  await set?.stop();
});

it('HAProxy finds nothing wrong with the configuration', needs, () => {
  expect(checkProxy('haproxy', ['-c', '-f', canaryConfig])).toBeUndefined();
});

describe('without X-Release', needs, () => {
  it('one canary of four instances answers 100 of 400 requests, and says its release and commit', async () => {
    const served = await askVersions({ ...set, calls }, 400);
    expect(served).toHaveLength(4);
    expect(Math.abs(ofCanary(served, 'order') - 100)).toBeLessThanOrEqual(1);
    const answer = await calls.call({ method: 'GET', url: `${set.url}/version`, timeoutMs: 5000 });
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      service: 'order',
      release: expect.stringMatching(/^(stable|canary)$/),
      commit: expect.stringMatching(/^(stable|canary)-build$/),
    });
  });

  it('one canary of four instances gets 100 of 400 orders', async () => {
    const orders = await sendOrders({ ...set, calls }, 400);
    acknowledged.push(...orders.acknowledged);
    expect(orders.acknowledged).toHaveLength(400);
    expect(Math.abs(ofCanary(orders.served, 'order') - 100)).toBeLessThanOrEqual(1);
  });
});

describe('with X-Release', needs, () => {
  it.each(['canary', 'stable'])(
    '%s decides for the whole way: no message to another one',
    async (release) => {
      const { acknowledged: kept, served } = await sendOrders({ ...set, calls }, 20, {
        'X-Release': release,
      });
      acknowledged.push(...kept);
      // Between services one message may have several orders.
      expect(ofCanary(served, 'order')).toBe(release === 'canary' ? 20 : 0);
      const met = served.filter(({ requests }) => requests > 0);
      expect(new Set(met.map((one) => `${one.service} ${one.release}`))).toEqual(
        new Set(serviceNames.map((service) => `${service} ${release}`)),
      );
    },
  );

  it.each(['nightly', 'Canary', 'canary,canary', 'canary;stable', '../canary', '%63anary'])(
    'a forged %s selects nothing: the weights decide',
    async (release) => {
      const served = await askVersions({ ...set, calls }, 40, { 'X-Release': release });
      expect(Math.abs(ofCanary(served, 'order') - 10)).toBeLessThanOrEqual(1);
    },
  );
});

it('a broken canary is rolled back with a reason, and every order is kept', {
  ...needs,
  timeout: 180_000,
}, async () => {
  const heal = await breakCanaries({ service: 'payment', kind: 'error' }, set.socket, calls);
  onTestFinished(heal);
  const customers = startCustomers({ calls, url: set.url, ratePerSecond: 40 });
  const said: string[] = [];
  const steps = { steps: [25, 100], stepMs: 5000, longestMs: 15_000 };
  const print = (line: string) => void said.push(line);
  const isPromoted = await rollOut(steps, { ...set, calls, print });
  await customers.finish();

  expect(isPromoted).toBe(false);
  expect(said).toEqual([
    // HAProxy watches the answers too, and may take the canary out before the judge has counted; so may the breakers
    // of order, which see one payment behind HAProxy and count the canary's errors as its.
    expect.stringMatching(
      /^25 % \(weights stable 1, canary 1\), \d+ s: rolled back\. (At the canary of payment calls failed: \d+ of |HAProxy sends nothing to the canary of payment: none is ready\.|Breakers of order opened, )/,
    ),
  ]);
  const servers = await set.socket.servers();
  const weights = serversOf({ servers }, 'order').filter(({ backend }) => backend === 'order');
  expect(weights.map(({ server, weight }) => [server, weight])).toEqual([
    ['stable1', 1],
    ['stable2', 1],
    ['stable3', 1],
    ['canary1', 0],
  ]);
  expect(customers.acknowledged.size).toBe(customers.answers.length);
  const all = [...acknowledged, ...customers.acknowledged.values()];
  // A breaker is open for 10 s and, when its probe fails, for another 20; an order that failed often waits up to 30 s.
  expect(await auditAtEnd(`${set.mongoUrl}`, all, 90_000)).toMatchObject({
    kept: true,
    pending: 0,
    completed: all.length,
    lost: 0,
    doubled: 0,
  });
});

it('a canary without a share still serves who asks for it by name, until it is unready', needs, async () => {
  const named = await askVersions({ ...set, calls }, 5, { 'X-Release': 'canary' });
  expect(ofCanary(named, 'order')).toBe(5);

  onTestFinished(await breakCanaries({ service: 'order', kind: 'unready' }, set.socket, calls));
  await until('HAProxy has left it out', async () => {
    const servers = await set.socket.servers();
    return serversOf({ servers }, 'order', 'canary').every(({ status }) => status === 'DOWN');
  });
  const served = await askVersions({ ...set, calls }, 12, { 'X-Release': 'canary' });
  expect(served.map(({ release, requests }) => [release, requests])).toEqual([
    ['stable', 4],
    ['stable', 4],
    ['stable', 4],
  ]);
});
