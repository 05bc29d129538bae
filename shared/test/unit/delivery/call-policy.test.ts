/** What one call may say otherwise than the settings of its service. */
import { afterEach, expect, it, vi } from 'vitest';
import { createForward, type ForwardRequest } from '../../../src/delivery/forward.ts';
import { createGivenKeys } from '../../../src/proof/chain-keys.ts';
import { createBreaker } from '../../../src/resilience/breaker.ts';
import { createRetryBudget } from '../../../src/resilience/budget.ts';
import { createBulkhead } from '../../../src/resilience/bulkhead.ts';
import { createDeadline } from '../../../src/resilience/deadline.ts';
import { BreakerOpenError, NeighbourError } from '../../../src/resilience/errors.ts';
import type { HttpClient, HttpRequest } from '../../../src/resilience/http-client.ts';
import { createInstances, type Instances } from '../../../src/resilience/instances.ts';
import { createPipeline } from '../../../src/resilience/pipeline.ts';
import { chainKey, sealAnswer } from '../../support/as-hop.ts';

const opened: Instances[] = [];
afterEach(() => {
  for (const instances of opened.splice(0)) instances.stop();
});

/** A forward with two attempts of 1500 ms, in front of a client that fails so many times. */
function create(failures: number, error = new NeighbourError('neighbour-failed', 'Sick.')) {
  const sent: HttpRequest[] = [];
  const client: HttpClient = {
    async send(attempt) {
      sent.push(attempt);
      if (sent.length <= failures) throw error;
      const text = JSON.stringify({ id: 'd', status: 'completed', message: 'done', hops: [] });
      const sealed = sealAnswer(attempt.headers['Chain-Proof'], 200, text);
      return {
        status: 200,
        header: (name) => (name === 'chain-proof' ? sealed['Chain-Proof'] : undefined),
        text,
      };
    },
    close: () => undefined,
  };
  const instances = createInstances({
    name: 'back',
    strategy: 'round-robin',
    slowStartMs: 0,
    clock: () => 0,
    random: () => 0,
    isAlive: async () => true,
    createBreaker: (url) => createBreaker({ name: url }),
  });
  opened.push(instances);
  instances.set(['http://back/create']);
  const pipeline = createPipeline({
    bulkhead: createBulkhead('back', { maxActive: 1, maxQueued: 0, waitMs: 10 }),
    retries: {
      attempts: 2,
      budget: createRetryBudget({ ratio: 1, minPerSecond: 10 }, () => 0),
      random: () => 0,
      sleep: async () => undefined,
    },
    instances,
    attemptTimeoutMs: 1500,
  });
  return { forward: createForward(pipeline, client, createGivenKeys(chainKey)), sent, instances };
}

const request = (): ForwardRequest => ({
  id: 'd',
  body: { id: 'd' },
  count: 1,
  parent: 'p',
  part: 'thing',
  deadline: createDeadline(4000),
  propagatedHeaders: {},
  callerRetries: false,
});

it('goes by the settings of the service when it says nothing', async () => {
  const { forward, sent } = create(1);
  await expect(forward(request())).resolves.toMatchObject({ kind: 'done' });
  expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([1500, 1500]);
});

it.each([
  ['documents without a release', {}, ''],
  ['documents for the same release', { 'X-Release': 'red' }, 'red'],
  ['nobody when it asks for faults', { 'X-Release': 'red', 'Lab-Fault': 'middle:error' }, undefined],
])('may travel with %s', async (_whom, propagatedHeaders, groupKey) => {
  const { forward, sent } = create(0);
  await forward({ ...request(), propagatedHeaders });
  expect(sent.map((attempt) => attempt.groupKey)).toEqual([groupKey]);
});

it('travels alone as the probe of a breaker', async () => {
  const { forward, sent, instances } = create(1);
  const breaker = instances.list()[0]?.breaker;
  breaker?.configure({ minCalls: 1, openMs: 10 });
  await forward(request(), { attempts: 1, fallback: () => undefined });
  await vi.waitFor(() => expect(breaker?.isCallPermitted()).toBe(true));
  await forward(request());
  expect(sent.map(({ groupKey }) => groupKey)).toEqual(['', undefined]);
});

it('makes as many attempts as this call asks for, each with its own time', async () => {
  const { forward, sent } = create(2);
  await expect(forward(request(), { attempts: 3, timeoutMs: 200 })).resolves.toMatchObject({ kind: 'done' });
  expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([200, 200, 200]);
  const once = create(1);
  await expect(once.forward(request(), { attempts: 1 })).rejects.toThrow('Sick.');
  expect(once.sent).toHaveLength(1);
});

it('never waits longer than its caller', async () => {
  const { forward, sent } = create(0);
  await forward({ ...request(), deadline: createDeadline(1000) }, { timeoutMs: 60_000 });
  expect(sent[0]?.timeoutMs).toBeLessThanOrEqual(1000);
});

it('answers its fallback when there is no answer, whatever the reason, and tells it the error', async () => {
  const { forward, instances } = create(9);
  const policy = { attempts: 1, fallback: (error: unknown) => ({ degraded: true, error }) };
  await expect(forward(request(), policy)).resolves.toEqual({
    degraded: true,
    error: expect.any(NeighbourError),
  });
  instances.list()[0]?.breaker.override('open');
  await expect(forward(request(), policy)).resolves.toEqual({
    degraded: true,
    error: expect.any(BreakerOpenError),
  });
});

it('counts a fallback at the breaker as the failure that it was', async () => {
  const { forward, instances } = create(1);
  await forward(request(), { attempts: 1, fallback: () => 'something' });
  expect(instances.list()[0]?.breaker.view().counts).toMatchObject({ failure: 1, success: 0 });
});

it('keeps old work away from a neighbour that asks for patience, until it has answered', async () => {
  const { forward, instances } = create(
    1,
    new NeighbourError('neighbour-busy', 'Starting.', { retryAfterMs: 1000 }),
  );
  await expect(forward(request())).rejects.toThrow('Starting.');
  expect(instances.isCallPermitted()).toBe(false);
  expect(instances.list()[0]?.breaker.view().counts).toMatchObject({ ignored: 1, failure: 0 });
  await expect(forward(request())).resolves.toMatchObject({ kind: 'done' });
  expect(instances.isCallPermitted()).toBe(true);
});
