/** The best settings of the last tune on live calls: what is kept, judged, said, and when. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Policy, policyDefaults } from '../../../../shared/src/resilience/model/policy.ts';
import type { Judged, JudgeRequest } from '../../../server/judge-policies.ts';
import { createJudgeThread } from '../../../server/judge-thread.ts';
import { createPolicyTrials } from '../../../server/policy-trials.ts';
import { toTrace } from '../../../server/to-trace.ts';
import type { TraceCall } from '../../../traces/trace.ts';
import type { TuneResult } from '../../../tune/result.ts';

const hop = 'order→payment';
const bolder: Policy = { ...policyDefaults, attempts: 3 };
const without: Policy = { ...policyDefaults, breaker: null };
const outcome = { calls: 60, failed: 6, rejectedWhileWell: 1, wasted: 4, amplification: 1.1, p99Ms: 40 };

const numbers = { ...outcome, recoveredAfterMs: null };

/** Answers as a judge would, by the number of attempts. */
const judged = ({ policies, isReplayed }: JudgeRequest): Judged => ({
  shadows: policies.map(({ breaker }) =>
    breaker === null ? null : { opened: 1, rejected: 5, rejectedWrongly: 2 },
  ),
  replay: isReplayed
    ? {
        numbers: policies.map(({ attempts }) => ({ ...numbers, failed: attempts })),
        sentences: ['2 workers were found.'],
      }
    : null,
});

function begin({
  judge = judged,
  best = [bolder, without],
}: {
  judge?: typeof judged;
  best?: Policy[];
} = {}) {
  let now = 1_000_000;
  let hear: (call: TraceCall) => void = () => undefined;
  const left = vi.fn();
  const close = vi.fn();
  const requests: JudgeRequest[] = [];
  let tookMs = 0;
  let present = policyDefaults;
  const trials = createPolicyTrials({
    clock: () => now,
    listen(of, { onCall }) {
      expect(of).toBe(hop);
      hear = onCall;
      return left;
    },
    tunes: {
      find: async (of) =>
        of === hop ? ({ best: best.map((policy) => ({ policy })) } as unknown as TuneResult) : undefined,
    },
    readPolicy: async () => present,
    thread: {
      async judge(request) {
        requests.push(request);
        now += tookMs;
        return judge(request);
      },
      close,
    },
  });
  const call = (count: number) => {
    for (let made = 0; made < count; made += 1) {
      now += 10;
      hear({ t: now, ms: 5, outcome: 'ok', instance: 'a' });
    }
  };
  return {
    trials,
    ...{ left, close, requests, call },
    pass: (ms: number) => {
      now += ms;
    },
    take: (ms: number) => {
      tookMs = ms;
    },
    setPresent: (policy: typeof policyDefaults) => {
      present = policy;
    },
    replays: () => requests.filter(({ isReplayed }) => isReplayed).length,
  };
}

describe('a trial', () => {
  it('begins with the present policy and the best of the last tune, and judges nothing without a call', async () => {
    const { trials, requests } = begin();
    await trials.start(hop);
    await trials.tick();
    expect(trials.status()).toMatchObject({
      ...{ state: 'running', hop, calls: 0, replayed: null },
      why: 'Waiting for 50 calls before the first replay.',
      arms: [
        { name: 'current', policy: policyDefaults, shadow: null, replay: null },
        { name: '1', policy: bolder },
        { name: '2', policy: without },
      ],
    });
    expect(requests).toEqual([]);
  });

  it('judges every breaker in shadow by all calls so far, and a policy without one not at all', async () => {
    const { trials, call, replays } = begin();
    await trials.start(hop);
    call(3);
    await trials.tick();
    call(4);
    await trials.tick();
    const { calls, arms } = trials.status();
    expect(calls).toBe(7);
    expect(arms.map((arm) => arm.shadow)).toEqual([
      { opened: 1, rejected: 5, rejectedWrongly: 2 },
      { opened: 1, rejected: 5, rejectedWrongly: 2 },
      null,
    ]);
    expect(replays()).toBe(0);
  });

  it('replays all policies against what was fitted, from 50 calls on and every five seconds at most', async () => {
    const { trials, call, replays, pass, take } = begin();
    await trials.start(hop);
    call(60);
    await trials.tick();
    expect(trials.status()).toMatchObject({
      why: null,
      replayed: { calls: 60, sentences: ['2 workers were found.'] },
      arms: [
        { replay: { failed: 2, recoveredAfterMs: null } },
        { replay: { failed: 3 } },
        { replay: { failed: 2 } },
      ],
    });
    call(1);
    await trials.tick();
    expect(replays()).toBe(1);
    take(2000);
    pass(5000);
    call(1);
    await trials.tick();
    expect(replays()).toBe(2);
    expect(trials.status().replayed?.calls).toBe(62);
    pass(5000);
    call(1);
    await trials.tick();
    expect(replays(), 'after one that took two seconds it waits for eight').toBe(2);
  });

  it('follows the present settings when they are changed meanwhile', async () => {
    const { trials, call, setPresent } = begin();
    await trials.start(hop);
    setPresent(bolder as typeof policyDefaults);
    call(1);
    await trials.tick();
    expect(trials.status().arms[0]).toMatchObject({ name: 'current', policy: { attempts: 3 } });
  });

  it('keeps the newest 10,000 calls', async () => {
    const { trials, call } = begin({ best: [] });
    await trials.start(hop);
    call(30_000);
    await trials.tick();
    expect(trials.status().calls).toBe(10_000);
  });

  it('is one at a time, leaves its calls when it is stopped, and can begin anew', async () => {
    const { trials, left, close, call } = begin();
    await trials.start(hop);
    await expect(trials.start(hop)).rejects.toThrow(
      'A trial of order→payment is running already; stop it first.',
    );
    call(2);
    await trials.tick();
    trials.stop();
    expect(left).toHaveBeenCalledOnce();
    expect(close).toHaveBeenCalledOnce();
    expect(trials.status()).toMatchObject({ state: 'stopped', calls: 2 });
    await trials.start(hop);
    expect(trials.status()).toMatchObject({ state: 'running', calls: 0 });
  });

  it('is one of two that were asked for at the same moment', async () => {
    const { trials } = begin();
    const both = await Promise.allSettled([trials.start(hop), trials.start(hop)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('needs a tune of the hop, and says the command that makes one', async () => {
    const { trials } = begin();
    await expect(trials.start('payment→shipment')).rejects.toThrow(
      'There is no tune of payment→shipment yet; npm run tune -- --for payment→shipment --fault slow:3x:10s --rate 80 makes one.',
    );
    expect(trials.status().state).toBe('none');
  });

  it('goes on in shadow, and says why, where no neighbour can be fitted from the calls', async () => {
    const judge = (request: JudgeRequest): Judged => ({
      ...judged(request),
      replay: request.isReplayed ? { why: 'All calls were rejected.' } : null,
    });
    const { trials, call } = begin({ judge });
    await trials.start(hop);
    call(60);
    await trials.tick();
    expect(trials.status()).toMatchObject({
      ...{ state: 'running', replayed: null, why: 'No replay of these calls: All calls were rejected.' },
    });
    call(1);
    await trials.tick();
    expect(trials.status()).toMatchObject({ calls: 61, why: expect.stringContaining('No replay') });
  });

  it('fails with a sentence when the calls cannot be judged at all, and not when it was stopped meanwhile', async () => {
    const judge = () => {
      throw new Error('broken');
    };
    const { trials, call, left } = begin({ judge });
    await trials.start(hop);
    call(1);
    await trials.tick();
    expect(trials.status()).toMatchObject({ state: 'failed', why: 'broken' });
    expect(left).toHaveBeenCalledOnce();
    await trials.start(hop);
    call(1);
    const ticked = trials.tick();
    trials.stop();
    await ticked;
    expect(trials.status()).toMatchObject({ state: 'stopped', why: null });
  });
});

describe('the thread of a trial', () => {
  it('judges real calls in shadow and in a replay, and begins anew after it was closed', async () => {
    const thread = createJudgeThread();
    onTestFinished(thread.close);
    const calls = Array.from(
      { length: 300 },
      (_, index): TraceCall => ({
        ...{ t: 1e12 + index * 50, ms: 20 + (index % 7), instance: 'a' },
        outcome: index > 100 && index < 260 ? 'failed' : 'ok',
      }),
    );
    const request = { trace: toTrace(calls, { attemptTimeoutMs: 1500 }), policies: [bolder, without] };
    const first = await thread.judge({ ...request, isReplayed: false });
    expect(first.replay).toBeNull();
    expect(first.shadows[0]?.opened).toBeGreaterThan(0);
    expect(first.shadows[1]).toBeNull();
    thread.close();
    const second = await thread.judge({ ...request, isReplayed: true });
    expect(second.replay).toMatchObject({ numbers: [{ calls: 300 }, { calls: 300 }] });
    const cut = thread.judge({ ...request, isReplayed: true });
    thread.close();
    await expect(cut).rejects.toThrow('The trial was stopped.');
  });
});
