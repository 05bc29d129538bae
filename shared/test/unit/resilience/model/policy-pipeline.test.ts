/** The real pipeline of a policy: its parts have the settings of that one value. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NeighbourError } from '../../../../src/resilience/errors.ts';
import type { PartialPolicy } from '../../../../src/resilience/model/parse-policy.ts';
import { createPipelineOf, type PolicyPipeline } from '../../../../src/resilience/model/policy-pipeline.ts';

const opened: PolicyPipeline[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.stop();
});

function open(policy: PartialPolicy, urls: readonly string[] = ['http://127.0.0.1:1']): PolicyPipeline {
  const pipeline = createPipelineOf(policy, { name: 'a→b', urls });
  opened.push(pipeline);
  return pipeline;
}

let sent: number;
beforeEach(() => {
  sent = 0;
});

const fail = async () => {
  sent += 1;
  throw new NeighbourError('neighbour-failed', 'It answered 500.');
};
const breakersOf = ({ instances }: PolicyPipeline) => instances.list().map(({ breaker }) => breaker);

describe('the pipeline of a policy', () => {
  it('has its breaker, deadline and time of an attempt', async () => {
    const pipeline = open({ deadlineMs: 200, attemptTimeoutMs: 90, breaker: { minCalls: 7 } });
    expect(breakersOf(pipeline)[0]?.view().config).toMatchObject({ minCalls: 7, attemptTimeoutMs: 90 });
    expect(await pipeline.run(async ({ timeoutMs }) => timeoutMs)).toBe(90);
    const hurried = open({ deadlineMs: 60, attemptTimeoutMs: 90 });
    expect(await hurried.run(async ({ timeoutMs }) => timeoutMs)).toBeLessThanOrEqual(60);
  });

  it('makes as many attempts as it says, and sends nothing once its breaker is open', async () => {
    const pipeline = open({ attempts: 3, budget: null, breaker: { minCalls: 4 } });
    const run = () => pipeline.run(fail).catch((error: Error) => error.message);
    expect(await run()).toBe('It answered 500.');
    expect(sent).toBe(3);
    expect(await run()).toMatch(/^The breaker a→b opened/);
    expect(sent).toBe(4);
  });

  it('without a breaker lets every call pass, and without a budget makes every retry', async () => {
    const pipeline = open({ attempts: 2, budget: null, breaker: null, bulkhead: null, deadlineMs: null });
    for (let call = 0; call < 12; call += 1) await pipeline.run(fail).catch(() => undefined);
    expect(sent).toBe(24);
  });

  it('has a breaker for each address, with its host in the name', () => {
    const urls = ['http://127.0.0.1:1/x', 'http://127.0.0.1:2/x'];
    expect(breakersOf(open({}, urls)).map(({ name }) => name)).toEqual([
      'a→b@127.0.0.1:1',
      'a→b@127.0.0.1:2',
    ]);
  });

  it('is not made of a policy that is out of range', () => {
    expect(() => open({ attempts: 0 })).toThrow('attempts must be a whole number from 1 to 10, got 0');
  });
});
