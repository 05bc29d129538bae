/** What callers and endpoints rely on beside the sixteen lines: errors, times, events, probes, forces, settings. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  AttemptTimeoutError,
  BreakerOpenError,
  BulkheadFullError,
  InvalidSettingsError,
  NeighbourError,
} from '../../../src/resilience/errors.ts';
import { createHarness, type Harness } from './breaker-harness.ts';

let h: Harness;

beforeEach(() => {
  vi.useFakeTimers();
  h = createHarness({ attemptTimeoutMs: 300 });
});

afterEach(() => {
  h.breaker.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function openIt(): Promise<void> {
  await h.repeat(2, 'success');
  await h.repeat(3, 'failure');
}

async function halfOpenIt(): Promise<void> {
  await openIt();
  await vi.advanceTimersByTimeAsync(10_000);
}

describe('a closed breaker', () => {
  it('answers what the work answers and throws what it throws', async () => {
    const fault = new Error('mine');
    expect(await h.breaker.run(async () => 42)).toBe(42);
    await expect(h.breaker.run(() => Promise.reject(fault))).rejects.toBe(fault);
    await expect(
      h.breaker.run(() => {
        throw fault;
      }),
    ).rejects.toBe(fault);
    expect(h.breaker.view().counts).toMatchObject({ success: 1, failure: 2 });
  });

  it('tells one event per call, with its duration', async () => {
    const pending = h.begin();
    await vi.advanceTimersByTimeAsync(41);
    await pending.end('timeout');

    expect(h.calls).toEqual([
      {
        name: 'a→b',
        at: Date.now(),
        outcome: 'timeout',
        durationMs: 41,
        late: false,
        probe: false,
        background: false,
        state: 'closed',
        generation: 1,
        error: { code: 'Error', message: 'the neighbour: timeout', at: Date.now() },
      },
    ]);
  });

  it('counts a thrown answer as success when the caller says so', async () => {
    await h.repeat(10, 'success');
    await expect(
      h.breaker.run(() => Promise.reject(new Error('422')), { classify: () => 'success' }),
    ).rejects.toThrow('422');
    expect(h.breaker.view().counts.success).toBe(11);
    expect(h.breaker.view().lastError).toBeNull();
  });

  it('takes a classifier that throws for a failure', async () => {
    const bug = new TypeError('bug');
    const classify = () => {
      throw bug;
    };
    await expect(h.breaker.run(() => Promise.reject(new Error('x')), { classify })).rejects.toBe(bug);
    expect(h.breaker.view().counts.failure).toBe(1);
  });

  it('ignores ignored and saturated calls in its share', async () => {
    await h.repeat(50, 'ignored');
    for (let i = 0; i < 50; i += 1) h.breaker.recordSaturated();
    await openIt();

    expect(h.breaker.view().openedBecause).toMatchObject({ calls: 5, failures: 3 });
    expect(h.breaker.view().counts).toMatchObject({ ignored: 50, saturated: 50 });
  });

  it('does not let calls on their way dilute its share', async () => {
    const hanging = Array.from({ length: 50 }, () => h.begin());
    await openIt();

    expect(h.breaker.view()).toMatchObject({ state: 'open', inFlight: 50 });
    await Promise.all(hanging.map((call) => call.end('success')));
    expect(h.breaker.view()).toMatchObject({ state: 'open', inFlight: 0, late: 50 });
  });

  it('forgets failures that slid out of the window', async () => {
    await h.repeat(2, 'success');
    await h.repeat(2, 'failure');
    await vi.advanceTimersByTimeAsync(10_000);
    await h.repeat(4, 'failure');
    expect(h.breaker.view().state).toBe('closed');
    await h.call('failure');

    expect(h.breaker.view().openedBecause).toMatchObject({ calls: 5, failures: 5 });
  });

  it('shows latencies without rejected and ignored calls', async () => {
    for (const ms of [10, 20, 30, 40]) {
      const pending = h.begin();
      await vi.advanceTimersByTimeAsync(ms);
      await pending.end(ms === 40 ? 'ignored' : 'success');
    }
    expect(h.breaker.view().latency).toEqual({ samples: 3, p50: 20, p95: 30, p99: 30 });
  });
});

describe('a closed breaker', () => {
  it('takes a time-out of ours for a time-out, and what was never sent for nothing', async () => {
    const errors = [
      new AttemptTimeoutError('late'),
      new BulkheadFullError('full', { retryAfterMs: 1 }),
      new Error('any other'),
    ];
    for (const error of errors) {
      await expect(h.breaker.run(() => Promise.reject(error))).rejects.toBe(error);
    }
    expect(h.breaker.view().counts).toMatchObject({ timeout: 1, ignored: 1, failure: 1 });
    expect(h.calls.map(({ outcome }) => outcome)).toEqual(['timeout', 'ignored', 'failure']);
  });

  it.each([
    ['its code', Object.assign(new Error('x'), { code: 'ECONNRESET' }), { code: 'ECONNRESET', message: 'x' }],
    ['its name without a code', new TypeError('x'), { code: 'TypeError', message: 'x' }],
    ['its name when the code is no text', Object.assign(new Error('x'), { code: 7 }), { code: 'Error' }],
    ['itself when it is no error', 'just words', { code: 'unknown', message: 'just words' }],
  ])('remembers the last error by %s', async (_by, error, remembered) => {
    await h.breaker.run(() => Promise.reject(error)).catch(() => undefined);
    expect(h.breaker.view().lastError).toMatchObject({ ...remembered, at: Date.now() });
  });

  it('remembers a time-out as the last error, and nothing that was ignored', async () => {
    await h.call('timeout');
    const { lastError } = h.breaker.view();
    expect(lastError).toMatchObject({ message: 'the neighbour: timeout' });
    await h.call('ignored');
    expect(h.breaker.view().lastError).toEqual(lastError);
  });

  it('tells and shows a call that found no slot, apart from those that were sent', () => {
    h.breaker.recordSaturated();
    const { generation, window } = h.breaker.view();
    expect(h.calls).toEqual([
      {
        name: 'a→b',
        at: Date.now(),
        outcome: 'saturated',
        durationMs: 0,
        late: false,
        probe: false,
        background: false,
        state: 'closed',
        generation,
        error: null,
      },
    ]);
    expect(window.calls).toBe(0);
    expect(window.buckets.at(-1)).toMatchObject({ saturated: 1 });
  });
});

describe('a breaker whose neighbour can be replaced', () => {
  let others: boolean;

  beforeEach(async () => {
    others = true;
    h.breaker.stop();
    h = createHarness({ settings: { minCalls: 3 }, isReplaceable: () => others });
    await h.repeat(20, 'success');
  });

  it('opens when its last calls all failed, and says so', async () => {
    await h.repeat(3, 'failure');
    expect(h.transitions).toMatchObject([
      {
        to: 'open',
        reason: 'in-a-row',
        because: { calls: 3, failures: 3, ratio: 1, threshold: 0.5 },
        probeAt: Date.now() + 10_000,
      },
    ]);
  });

  it('does not take calls that say nothing for failures', async () => {
    await h.repeat(2, 'failure');
    await h.repeat(5, 'ignored');
    expect(h.breaker.view().state).toBe('closed');
  });

  it('counts the row anew when settings change', async () => {
    await h.repeat(2, 'failure');
    h.breaker.configure({ probeSuccesses: 2 });
    await h.call('failure');
    expect(h.breaker.view().state).toBe('closed');
  });

  it('is not opened by a call of an earlier generation, nor after it was stopped', async () => {
    const early = h.begin();
    h.breaker.configure({ probeSuccesses: 2 });
    await h.repeat(20, 'success');
    others = false;
    await h.repeat(3, 'failure');
    const last = h.begin();
    others = true;
    await early.end('success');
    expect(h.breaker.view().state).toBe('closed');
    h.breaker.stop();
    await last.end('failure');
    expect(h.breaker.view().state).toBe('closed');
    expect(h.transitions).toEqual([]);
  });

  it('throws what its caller threw, when nobody can say whether it can be replaced', async () => {
    h.breaker.stop();
    h = createHarness({ settings: { minCalls: 3 } });
    await h.repeat(20, 'success');
    const fault = new Error('mine');
    for (let call = 0; call < 4; call += 1) {
      await expect(h.breaker.run(() => Promise.reject(fault))).rejects.toBe(fault);
    }
    expect(h.breaker.view().state).toBe('closed');
  });
});

describe('a breaker whose neighbour gives no sign of life', () => {
  it('opens, and says that it was silent', () => {
    h.breaker.trip();
    expect(h.transitions).toMatchObject([
      {
        to: 'open',
        reason: 'silent',
        because: { calls: 1, failures: 1, ratio: 1 },
        probeAt: Date.now() + 10_000,
      },
    ]);
  });

  it('stays as it is when it is not closed', async () => {
    await openIt();
    await vi.advanceTimersByTimeAsync(4_000);
    const { probeAt } = h.breaker.view();
    h.breaker.trip();
    expect(h.breaker.view()).toMatchObject({ state: 'open', probeAt });
    h.breaker.override('disabled');
    h.breaker.trip();
    expect(h.breaker.view().state).toBe('disabled');
  });

  it('stays as it is once it is stopped', () => {
    h.breaker.stop();
    h.breaker.trip();
    expect(h.transitions).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a breaker that is spared', () => {
  it('begins an empty window instead of opening', async () => {
    h.breaker.stop();
    h = createHarness({ isLastHealthy: () => true });
    await openIt();
    expect(h.breaker.view()).toMatchObject({ state: 'closed', strained: false, window: { calls: 0 } });
    await h.repeat(4, 'failure');
    expect(h.breaker.view().state).toBe('closed');
    await h.call('failure');
    expect(h.breaker.view().state).toBe('open');
  });
});

describe('a breaker that asks whether it may probe', () => {
  let answer: (waitMs: number) => void;
  let refuse: (error: Error) => void;
  let asked: number[];

  beforeEach(async () => {
    asked = [];
    h.breaker.stop();
    h = createHarness({
      askProbe: (forMs) => {
        asked.push(forMs);
        return new Promise((resolve, reject) => {
          answer = resolve;
          refuse = reject;
        });
      },
    });
    await openIt();
    await vi.advanceTimersByTimeAsync(10_000);
  });

  it('lets nothing pass until it has an answer, and asks for the time of the next open period', async () => {
    expect(asked).toEqual([20_000]);
    expect(h.breaker.isCallPermitted()).toBe(false);
    expect(await h.call('success')).toBe('rejected');
    answer(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(h.breaker.view().state).toBe('half_open');
    expect(h.breaker.isCallPermitted()).toBe(true);
  });

  it('asks again after a second, or sooner when the other will be done sooner', async () => {
    answer(5_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    answer(300);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['an answer', () => answer(0)],
    ['a wait', () => answer(100)],
    ['no answer', () => refuse(new Error('away'))],
  ])('does not take %s to an old question for one to a new outage', async (_what, reply) => {
    h.breaker.override('closed');
    await openIt();
    const probeAt = Date.now() + 10_000;
    reply();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(h.breaker.view()).toMatchObject({ state: 'open', probeAt });
  });

  it.each([
    ['an answer', () => answer(0)],
    ['a wait', () => answer(100)],
    ['no answer', () => refuse(new Error('away'))],
  ])('does nothing with %s that comes after it was stopped', async (_what, reply) => {
    h.breaker.stop();
    reply();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(h.breaker.view().state).toBe('open');
    expect(h.transitions).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an open breaker', () => {
  it('rejects with the reason and the time until the next probe', async () => {
    await openIt();
    await vi.advanceTimersByTimeAsync(3_600);
    const error = await h.breaker.run(async () => 'never').catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(BreakerOpenError);
    expect(error).toMatchObject({
      code: 'breaker-open',
      retryAfterMs: 6_400,
      message: 'The breaker a→b opened 3.6 s ago after 3 of 5 calls failed. Next try in 6.4 s.',
    });
    expect(h.breaker.isCallPermitted()).toBe(false);
  });

  it('tells why it opened', async () => {
    const at = Date.now();
    await openIt();

    const lastError = { code: 'Error', message: 'the neighbour: failure', at };
    const config = h.breaker.view().config;
    expect(config).toMatchObject({ attemptTimeoutMs: 300, thresholdRatio: 0.5 });
    expect(h.transitions).toEqual([
      {
        name: 'a→b',
        at,
        from: 'closed',
        to: 'open',
        reason: 'threshold',
        because: { calls: 5, failures: 3, ratio: 0.6, threshold: 0.5, lastError },
        window: { calls: 5, failures: 3, ratio: 0.6 },
        probeAt: at + 10_000,
        until: null,
        lastError,
        rejected: 0,
        lastedMs: 0,
        downMs: null,
        probeMs: null,
        failedProbes: 0,
        generation: 2,
        config,
      },
    ]);
  });

  it('tells one event for a rejection', async () => {
    await openIt();
    await h.call('success');
    const { generation } = h.breaker.view();
    expect(h.calls.at(-1)).toMatchObject({
      outcome: 'rejected',
      state: 'open',
      late: false,
      generation,
      error: null,
    });
  });

  it('sends away for all of an open period that has grown', async () => {
    await halfOpenIt();
    await h.call('failure');
    await expect(h.breaker.run(async () => 1)).rejects.toMatchObject({ retryAfterMs: 20_000 });
  });

  it('keeps what opened it while its probes fail, with the newest error', async () => {
    await halfOpenIt();
    await vi.advanceTimersByTimeAsync(1_000);
    const probe = h.begin();
    await vi.advanceTimersByTimeAsync(30);
    await probe.end('timeout');
    const because = {
      calls: 5,
      failures: 3,
      ratio: 0.6,
      threshold: 0.5,
      lastError: { code: 'Error', message: 'the neighbour: timeout', at: Date.now() },
    };
    expect(h.breaker.view().openedBecause).toEqual(because);
    expect(h.transitions.at(-1)).toMatchObject({ because, probeMs: 30 });
    await vi.advanceTimersByTimeAsync(20_000);
    await h.call('success');
    expect(h.transitions.at(-1)).toMatchObject({ to: 'closed', reason: 'probe-ok', because });
  });

  it('waits as long as its settings say when the neighbour does not say when to come back', async () => {
    const fault = new NeighbourError('neighbour-failed', 'It answered 503.');
    for (let call = 0; call < 5; call += 1)
      await h.breaker.run(() => Promise.reject(fault)).catch(() => undefined);
    expect(h.breaker.view()).toMatchObject({ state: 'open', probeAt: Date.now() + 10_000 });
  });

  it('sums its rejections up once a second, and is silent without any', async () => {
    await openIt();
    await h.repeat(14, 'success');
    await vi.advanceTimersByTimeAsync(3_000);
    await h.repeat(2, 'success');
    await vi.advanceTimersByTimeAsync(1_000);

    const shown = h.rejections.map(({ at, count, total, probeAt }) => ({
      left: (probeAt ?? 0) - at,
      count,
      total,
    }));
    expect(shown).toEqual([
      { left: 9_000, count: 14, total: 14 },
      { left: 6_000, count: 2, total: 16 },
    ]);
  });

  it('grows its open period up to the cap, shortened by jitter, and starts anew after a close', async () => {
    h.breaker.stop();
    h = createHarness({ random: () => 1, settings: { jitterRatio: 0.1, openMaxMs: 30_000 } });
    await openIt();
    const periods = [];
    for (let probes = 0; probes < 4; probes += 1) {
      const { probeAt } = h.breaker.view();
      periods.push((probeAt ?? 0) - Date.now());
      await vi.advanceTimersByTimeAsync((probeAt ?? 0) - Date.now());
      await h.call('failure');
    }
    expect(periods).toEqual([10_000, 18_000, 27_000, 27_000]);

    await vi.advanceTimersByTimeAsync(27_000);
    await h.call('success');
    await openIt();
    expect((h.breaker.view().probeAt ?? 0) - Date.now()).toBe(10_000);
  });
});

describe('a half-open breaker', () => {
  it('goes there by time alone, and says so', async () => {
    await openIt();
    await h.call('success');
    await vi.advanceTimersByTimeAsync(9_999);
    expect(h.transitions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);

    expect(h.transitions[1]).toMatchObject({
      from: 'open',
      to: 'half_open',
      reason: 'open-time-over',
      lastedMs: 10_000,
      rejected: 1,
    });
    expect(h.breaker.isCallPermitted()).toBe(true);
  });

  it('lets one probe through at a time and tells the others how long at most', async () => {
    await halfOpenIt();
    const probe = h.begin();
    await vi.advanceTimersByTimeAsync(500);
    expect(h.breaker.isCallPermitted()).toBe(false);
    await expect(h.breaker.run(async () => 1)).rejects.toMatchObject({
      retryAfterMs: 1_500,
      message: 'The breaker a→b is half-open and waits for its probe. Next try in 1.5 s at most.',
    });
    await probe.end('success');

    expect(h.breaker.view().state).toBe('closed');
    expect(h.transitions[2]).toMatchObject({
      reason: 'probe-ok',
      probeMs: 500,
      downMs: 10_500,
      probeAt: null,
    });
  });

  it('was down since it first opened, however many probes failed, and keeps no timer once closed', async () => {
    await halfOpenIt();
    await h.call('failure');
    await vi.advanceTimersByTimeAsync(20_000);
    await h.call('success');

    expect(h.transitions.at(-1)).toMatchObject({ to: 'closed', downMs: 30_000, lastedMs: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends a hanging probe at its deadline: signal aborted, caller told, open again', async () => {
    const before = h.begin();
    await halfOpenIt();
    const probe = h.begin();
    await vi.advanceTimersByTimeAsync(2_000);

    expect(await probe.ended).toBeInstanceOf(AttemptTimeoutError);
    expect(probe.signal()?.aborted).toBe(true);
    expect(before.signal()?.aborted).toBe(false);
    expect(h.transitions[2]).toMatchObject({
      to: 'open',
      reason: 'probe-timeout',
      probeMs: 2_000,
      failedProbes: 1,
    });
    await before.end('success');
    expect(h.breaker.view().state).toBe('open');
  });

  it('counts the deadline as a timeout even when the work answers its abort at once', async () => {
    await halfOpenIt();
    const ended = h.breaker
      .run(
        (signal) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('mine')))),
        {
          classify: () => 'ignored',
        },
      )
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(2_000);

    expect(await ended).toBeInstanceOf(AttemptTimeoutError);
    expect(h.calls.at(-1)).toMatchObject({ outcome: 'timeout', probe: true });
    expect(h.breaker.view().state).toBe('open');
  });

  it('releases an ignored probe without deciding', async () => {
    await halfOpenIt();
    await h.call('ignored');
    expect(h.breaker.view()).toMatchObject({ state: 'half_open', probeUntil: null });
    await h.call('failure');

    expect(h.transitions[2]).toMatchObject({ reason: 'probe-failed', failedProbes: 1 });
  });

  it('closes after as many good probes as it was asked for, in a row', async () => {
    h.breaker.configure({ probeSuccesses: 3 });
    await halfOpenIt();
    await h.repeat(2, 'success');
    expect(h.breaker.view().state).toBe('half_open');
    await h.call('failure');
    expect(h.transitions.at(-1)).toMatchObject({ reason: 'probe-failed', probeMs: 0 });
    await vi.advanceTimersByTimeAsync(20_000);
    await h.call('success');
    await h.call('ignored');
    await h.call('success');
    expect(h.breaker.view().state).toBe('half_open');
    await h.call('success');

    expect(h.breaker.view().state).toBe('closed');
  });

  it('keeps its probe when settings change', async () => {
    await halfOpenIt();
    const probe = h.begin();
    h.breaker.configure({ minCalls: 9 });
    expect(h.breaker.isCallPermitted()).toBe(false);
    await probe.end('success');

    expect(h.breaker.view().state).toBe('closed');
  });
});

describe('a late outcome', () => {
  it('is counted and told as late, and is neither in the window nor the last error', async () => {
    const old = h.begin();
    await halfOpenIt();
    await h.call('success');
    const { lastError } = h.breaker.view();
    await old.end('failure');

    expect(h.calls.at(-1)).toMatchObject({ outcome: 'failure', late: true, state: 'closed', generation: 1 });
    expect(h.breaker.view()).toMatchObject({
      state: 'closed',
      strained: false,
      late: 1,
      lastError,
      counts: { failure: 4 },
      window: { calls: 0 },
    });
  });
});

describe('force', () => {
  it('holds it open until the time is over, whatever happens', async () => {
    h.breaker.override('open', { ttlMs: 30_000 });
    expect(h.transitions[0]).toMatchObject({
      to: 'forced_open',
      reason: 'forced',
      until: Date.now() + 30_000,
    });
    await vi.advanceTimersByTimeAsync(29_000);
    await expect(h.breaker.run(async () => 1)).rejects.toMatchObject({
      retryAfterMs: 1_000,
      message: 'The breaker a→b is held open by hand. It returns to normal in 1 s.',
    });
    await vi.advanceTimersByTimeAsync(1_000);

    expect(h.transitions[1]).toMatchObject({
      from: 'forced_open',
      to: 'closed',
      reason: 'expired',
      rejected: 1,
    });
  });

  it('sends nobody away for longer than an open period, since a hand may let go at any time', async () => {
    h.breaker.override('open', { ttlMs: 600_000 });
    await expect(h.breaker.run(async () => 1)).rejects.toMatchObject({
      retryAfterMs: h.breaker.view().config.openMs,
      message: expect.stringContaining('It returns to normal in 600 s.'),
    });
  });

  it('disables: every call passes and is counted, nothing opens', async () => {
    h.breaker.override('disabled', { ttlMs: 30_000 });
    await h.repeat(20, 'failure');

    expect(h.breaker.view()).toMatchObject({
      state: 'disabled',
      strained: false,
      window: { calls: 20, failures: 20 },
      late: 0,
    });
    h.breaker.override(null);
    expect(h.breaker.view()).toMatchObject({ state: 'closed', window: { calls: 0 } });
    expect(h.transitions.at(-1)).toMatchObject({ reason: 'released' });
  });

  it('does not count a call of a disabled breaker in the state that follows', async () => {
    h.breaker.override('disabled');
    const before = h.begin();
    h.breaker.override(null);
    await before.end('failure');

    expect(h.calls.at(-1)).toMatchObject({ state: 'disabled', late: true });
    expect(h.breaker.view()).toMatchObject({ state: 'closed', late: 1, window: { calls: 0 } });
  });

  it('is no outage: what was only held open did not come back from one', async () => {
    h.breaker.override('open');
    h.breaker.override(null);
    expect(h.breaker.closedAt).toBeNull();
    expect(h.transitions.at(-1)).toMatchObject({ to: 'closed', because: null, downMs: null });
    await openIt();
    expect(h.breaker.closedAt).toBeNull();
    await vi.advanceTimersByTimeAsync(2_000);
    h.breaker.override('closed');
    const closedAt = Date.now();
    expect(h.breaker.closedAt).toBe(closedAt);
    await vi.advanceTimersByTimeAsync(1_000);
    await openIt();
    expect(h.breaker.closedAt).toBe(closedAt);
  });

  it.each([1, 86_400_000])('takes a time of %s ms', async (ttlMs) => {
    h.breaker.override('open', { ttlMs });
    expect(h.breaker.view()).toMatchObject({ state: 'forced_open', until: Date.now() + ttlMs });
  });

  it('closes an open breaker now, with an empty window', async () => {
    await openIt();
    await vi.advanceTimersByTimeAsync(2_000);
    h.breaker.override('closed');

    expect(h.transitions.at(-1)).toMatchObject({ to: 'closed', reason: 'forced', downMs: 2_000 });
    await h.repeat(4, 'failure');
    expect(h.breaker.view().state).toBe('closed');
  });

  it('replaces an earlier force and its expiry', async () => {
    h.breaker.override('open', { ttlMs: 1_000 });
    h.breaker.override('disabled', { ttlMs: 60_000 });
    await vi.advanceTimersByTimeAsync(59_999);

    expect(h.breaker.view().state).toBe('disabled');
  });

  it('ends by itself after ten minutes when nothing else is said', async () => {
    h.breaker.override('open');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(h.breaker.view().state).toBe('closed');
  });

  it('has nothing to release in a breaker that is not forced', async () => {
    await openIt();
    h.breaker.override(null);
    expect(h.breaker.view().state).toBe('open');
  });

  it.each([0, -1, Number.NaN, 86_400_001])('refuses a time of %s ms', (ttlMs) => {
    expect(() => h.breaker.override('open', { ttlMs })).toThrow(RangeError);
    expect(h.breaker.view().state).toBe('closed');
  });
});

describe('configure', () => {
  it('says what changed, and that the window was cleared', async () => {
    await h.repeat(3, 'failure');
    const changed = h.breaker.configure({ minCalls: 2, openMs: 10_000 });

    expect(changed).toEqual([{ setting: 'minCalls', from: 5, to: 2 }]);
    expect(h.configured).toEqual([
      {
        name: 'a→b',
        at: Date.now(),
        state: 'closed',
        changed,
        windowCleared: true,
        config: h.breaker.view().config,
      },
    ]);
    expect(h.breaker.view()).toMatchObject({
      strained: false,
      config: { minCalls: 2 },
      window: { calls: 0 },
    });
    await h.repeat(2, 'failure');
    expect(h.breaker.view().state).toBe('open');
  });

  it('is nothing when nothing is different: the window stays, and nobody is told', async () => {
    await h.repeat(3, 'failure');
    expect(h.breaker.configure({ minCalls: 5 })).toEqual([]);
    expect(h.breaker.view()).toMatchObject({ generation: 1, window: { calls: 3 } });
    expect(h.configured).toEqual([]);
  });

  it('keeps the end of a present open period', async () => {
    await openIt();
    const { probeAt } = h.breaker.view();
    h.breaker.configure({ openMs: 50 });
    await vi.advanceTimersByTimeAsync(5_000);

    expect(h.breaker.view()).toMatchObject({ state: 'open', probeAt });
  });

  it('changes nothing when one setting is out of its range', () => {
    expect(() => h.breaker.configure({ minCalls: 7, thresholdRatio: 2 })).toThrow(InvalidSettingsError);
    expect(h.breaker.view().config.minCalls).toBe(5);
    expect(h.configured).toEqual([]);
  });
});

describe('looking and stopping', () => {
  it('looking changes nothing', async () => {
    await halfOpenIt();
    const first = h.breaker.view();
    for (let i = 0; i < 10; i += 1) h.breaker.isCallPermitted();

    expect(h.breaker.view()).toEqual(first);
    expect(await h.call('success')).toBe('passed');
  });

  it('a stopped breaker lets nothing through and leaves no timer', async () => {
    const pending = h.begin();
    h.breaker.override('disabled');
    h.breaker.stop();

    await expect(h.breaker.run(async () => 1)).rejects.toThrow('The breaker a→b is stopped.');
    await pending.end('success');
    expect(h.calls.at(-1)).toMatchObject({ outcome: 'success', late: true });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a neighbour that says when to come back', () => {
  const askedFor = (retryAfterMs: number) => async () => {
    throw new NeighbourError('neighbour-failed', 'It answered 503.', { retryAfterMs });
  };
  const fail = (retryAfterMs: number) => h.breaker.run(askedFor(retryAfterMs)).catch(() => undefined);

  it('is probed then, and no later, however many probes have failed', async () => {
    for (let call = 0; call < 5; call += 1) await fail(1000);
    expect(h.breaker.view()).toMatchObject({ state: 'open', probeAt: Date.now() + 1000 });
    for (let probe = 0; probe < 4; probe += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(h.breaker.view().state).toBe('half_open');
      await fail(1000);
      expect(h.breaker.view()).toMatchObject({ state: 'open', probeAt: Date.now() + 1000 });
    }
  });

  it('cannot make it wait longer than the settings say', async () => {
    for (let call = 0; call < 5; call += 1) await fail(3_600_000);
    expect(h.breaker.view().probeAt).toBe(Date.now() + 10_000);
  });
});
