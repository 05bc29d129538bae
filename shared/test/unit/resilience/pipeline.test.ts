/** The sequence of the parts before the next hop: what is counted where, and what is not sent at all. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noTracer, type SpanOptions } from '../../../src/core/tracer.ts';
import { traceCalls } from '../../../src/observability/trace-client.ts';
import { createBreaker } from '../../../src/resilience/breaker.ts';
import type { BreakerEventMap } from '../../../src/resilience/breaker-events.ts';
import { createRetryBudget } from '../../../src/resilience/budget.ts';
import { createBulkhead } from '../../../src/resilience/bulkhead.ts';
import { createDeadline } from '../../../src/resilience/deadline.ts';
import {
  AttemptTimeoutError,
  BulkheadFullError,
  DeadlineExceededError,
  NeighbourError,
} from '../../../src/resilience/errors.ts';
import { createEventBus } from '../../../src/resilience/event-bus.ts';
import { createInstances, type Instances } from '../../../src/resilience/instances.ts';
import {
  type Attempt,
  type CallContext,
  createPipeline,
  type Pipeline,
} from '../../../src/resilience/pipeline.ts';

let now = 0;
let instances: Instances;
let pipeline: Pipeline;
/** Who was asked for a sign of life. */
let doubted: string[];
let spans: (SpanOptions & { readonly name: string })[];
let unanswered: unknown[];
/** Of each call through a breaker, whether its event says that it is a retry. */
let retries: boolean[];

beforeEach(() => {
  [now, doubted, spans, unanswered, retries] = [0, [], [], [], []];
  const events = createEventBus<BreakerEventMap>();
  events.on('call', ({ retry = false }) => retries.push(retry));
  instances = createInstances({
    name: 'back',
    strategy: 'random',
    slowStartMs: 0,
    clock: () => now,
    random: () => 0,
    isAlive: async (url) => {
      doubted.push(url);
      return true;
    },
    createBreaker: (url, peers) => createBreaker({ name: url, events, ...peers }),
  });
  instances.set(['a', 'b']);
  pipeline = createPipeline({
    bulkhead: createBulkhead('back', { maxActive: 1, maxQueued: 1, waitMs: 60_000 }),
    retries: {
      attempts: 2,
      budget: createRetryBudget({ ratio: 1, minPerSecond: 10 }, () => now),
      random: () => 0,
      sleep: async () => undefined,
    },
    instances,
    attemptTimeoutMs: 1000,
    around: traceCalls({
      ...noTracer,
      span: (name, options, work) => {
        spans.push({ name, ...options });
        const propagate = (headers: object) => ({ ...headers, traceparent: `under ${name}` });
        return work({ isRecorded: false, propagate, set: () => undefined });
      },
    }),
    onFallback: (error) => unanswered.push(error),
  });
});
afterEach(() => instances.stop());

const call = (given: Partial<CallContext> = {}): CallContext => ({
  deadline: createDeadline(4000, () => now),
  propagatedHeaders: { 'X-Request-Id': 'r' },
  callerRetries: false,
  ...given,
});
const countsOf = (index: number) => instances.list()[index]?.breaker.view().counts;
const failing = (error: Error) => vi.fn((_attempt: Attempt) => Promise.reject(error));
const refused = () => new NeighbourError('neighbour-unreachable', 'refused');

describe('an attempt', () => {
  it('goes to one instance, in a span under the call, whose headers it carries', async () => {
    const send = vi.fn(async (_attempt: Attempt) => 'answer');
    await expect(pipeline(call(), send)).resolves.toBe('answer');
    expect(send).toHaveBeenCalledExactlyOnceWith({
      url: 'a',
      timeoutMs: 1000,
      signal: expect.any(AbortSignal),
      isProbe: false,
      propagatedHeaders: { 'X-Request-Id': 'r', traceparent: 'under breaker a' },
    });
    expect(spans).toEqual([{ name: 'breaker a', kind: 'internal', parent: { 'X-Request-Id': 'r' } }]);
    expect(countsOf(0)).toMatchObject({ success: 1 });
  });

  it('goes to one that is still there', async () => {
    instances.set(['b']);
    const send = vi.fn(async (_attempt: Attempt) => 'answer');
    await pipeline(call(), send);
    expect(send.mock.calls.map(([{ url }]) => url)).toEqual(['b']);
  });

  it('is told that it is the probe of a breaker', async () => {
    instances.set(['a']);
    const breaker = instances.list()[0]?.breaker;
    breaker?.configure({ minCalls: 1, openMs: 10 });
    const opened = failing(refused());
    await pipeline(call(), opened, { attempts: 1 }).catch(() => undefined);
    await vi.waitFor(() => expect(breaker?.isCallPermitted()).toBe(true));
    const send = vi.fn(async (_attempt: Attempt) => 'answer');
    await pipeline(call(), send);
    expect([opened, send].map((one) => one.mock.calls[0]?.[0].isProbe)).toEqual([false, true]);
  });

  it('that fails is followed by one at another instance', async () => {
    const send = failing(refused());
    await expect(pipeline(call(), send)).rejects.toThrow('refused');
    expect(send.mock.calls.map(([{ url }]) => url)).toEqual(['a', 'b']);
    expect([countsOf(0), countsOf(1)]).toMatchObject([{ failure: 1 }, { failure: 1 }]);
  });

  it('that fails is the only one when somebody before retries', async () => {
    const send = failing(refused());
    await expect(pipeline(call({ callerRetries: true }), send, { attempts: 9 })).rejects.toThrow('refused');
    expect(send).toHaveBeenCalledOnce();
  });

  it('is under way at its instance while it lasts, and tells it how long an answer took', async () => {
    const [a, b] = instances.list();
    const send = async ({ url }: Attempt) => {
      expect(instances.list().map(({ pending }) => pending)).toEqual(url === 'a' ? [1, 0] : [0, 1]);
      now += 30;
      if (url === 'a') throw refused();
    };
    await pipeline(call(), send);
    expect([a, b]).toMatchObject([
      { pending: 0, latencyMs: 0 },
      { pending: 0, latencyMs: 30 },
    ]);
  });
});

describe('an error of an attempt', () => {
  it('that is no fault of the neighbour is not counted against it', async () => {
    const bug = new TypeError('bug');
    await expect(pipeline(call(), failing(bug))).rejects.toBe(bug);
    expect(countsOf(0)).toMatchObject({ ignored: 1, failure: 0 });
    expect(doubted).toEqual([]);
  });

  it('of an event that was counted already is not counted again', async () => {
    const duplicate = new NeighbourError('neighbour-unreachable', 'reset', { isDuplicate: true });
    await expect(pipeline(call(), failing(duplicate), { attempts: 1 })).rejects.toBe(duplicate);
    expect(countsOf(0)).toMatchObject({ ignored: 1, failure: 0 });
  });

  it('that is no time-out asks for no sign of life', async () => {
    await pipeline(call(), failing(refused())).catch(() => undefined);
    expect(doubted).toEqual([]);
  });

  it('is a time-out when the attempt had half of its time or more, and then a sign of life is asked for', async () => {
    const send = failing(new AttemptTimeoutError('late'));
    await pipeline(call(), send, { attempts: 1 }).catch(() => undefined);
    expect(countsOf(0)).toMatchObject({ timeout: 1 });
    expect(doubted).toEqual(['a']);
    await pipeline(call({ deadline: createDeadline(500, () => now) }), send, { attempts: 1 }).catch(
      () => undefined,
    );
    expect(countsOf(0)).toMatchObject({ timeout: 2, ignored: 0 });
  });

  it('says nothing about the neighbour when an impatient caller cut it short', async () => {
    const deadline = createDeadline(499, () => now);
    const send = failing(new AttemptTimeoutError('late'));
    await pipeline(call({ deadline }), send, { attempts: 1 }).catch(() => undefined);
    expect(send.mock.calls[0]?.[0]).toMatchObject({ timeoutMs: 499 });
    expect(countsOf(0)).toMatchObject({ timeout: 0, ignored: 1 });
    expect(doubted).toEqual([]);
  });
});

describe('an instance', () => {
  it.each([
    ['that is busy', new NeighbourError('neighbour-busy', 'busy'), 1000],
    [
      'that says for how long it is',
      new NeighbourError('neighbour-busy', 'busy', { retryAfterMs: 3000 }),
      3000,
    ],
    ['that is a stranger', new NeighbourError('neighbour-misconfigured', '404'), 5000],
    ['that does not take one document', new NeighbourError('document-not-taken', '413'), 0],
  ])('%s lets the others go first for a while, and is not called sick', async (_which, error, ms) => {
    await pipeline(call(), failing(error), { attempts: 1 }).catch(() => undefined);
    expect(countsOf(0)).toMatchObject({ ignored: 1, failure: 0 });
    const next = async () => {
      const send = vi.fn(async (_attempt: Attempt) => 'answer');
      await pipeline(call(), send);
      return send.mock.calls[0]?.[0].url;
    };
    if (ms > 0) {
      now = ms - 1;
      expect(await next()).toBe('b');
    }
    now = ms;
    expect(await next()).toBe('a');
  });

  it('that was not asked yet is, where the one that was asked cannot help', async () => {
    const send = failing(new NeighbourError('neighbour-busy', 'busy'));
    await pipeline(call(), send).catch(() => undefined);
    expect(send.mock.calls.map(([{ url }]) => url)).toEqual(['a', 'b']);
    instances.set(['b']);
    send.mockClear();
    await pipeline(call(), send).catch(() => undefined);
    expect(send).toHaveBeenCalledOnce();
  });
});

describe('a call that finds no slot', () => {
  /** Takes the slot and the place in the queue. */
  const fill = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const busy = [pipeline(call(), () => promise), pipeline(call(), () => promise)];
    return async () => {
      resolve();
      await Promise.allSettled(busy);
    };
  };

  it('is counted at the instance that it would have gone to, and has a span', async () => {
    const empty = fill();
    const send = failing(refused());
    await expect(pipeline(call(), send)).rejects.toThrow(BulkheadFullError);
    await empty();
    expect(send).not.toHaveBeenCalled();
    expect(countsOf(0)).toMatchObject({ saturated: 1, success: 2 });
    expect(spans.filter(({ name }) => name === 'breaker a')).toHaveLength(3);
  });

  it('and has no time either is told so, and counted nowhere', async () => {
    const empty = fill();
    await expect(
      pipeline(call({ deadline: createDeadline(20, () => now) }), failing(refused())),
    ).rejects.toThrow(DeadlineExceededError);
    await empty();
    expect(countsOf(0)).toMatchObject({ saturated: 0 });
  });

  it('is the only one that counts as such: what fails in a slot does not', async () => {
    await pipeline(call(), failing(refused())).catch(() => undefined);
    expect([countsOf(0), countsOf(1)]).toMatchObject([{ saturated: 0 }, { saturated: 0 }]);
  });

  it('in time sends nothing', async () => {
    const [begun, finished] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const busy = pipeline(call(), () => {
      begun.resolve();
      return finished.promise;
    });
    await begun.promise;
    const send = vi.fn(async () => 'answer');
    const late = pipeline(call(), send);
    now += 3990;
    finished.resolve();
    await busy;
    await expect(late).rejects.toThrow(DeadlineExceededError);
    expect(send).not.toHaveBeenCalled();
  });
});

describe('a fallback', () => {
  it('answers what the error makes of it, and a listener gets the reason', async () => {
    const error = refused();
    const policy = { attempts: 1, fallback: (why: unknown) => ({ why }) };
    await expect(pipeline(call(), failing(error), policy)).resolves.toEqual({ why: error });
    expect(unanswered).toEqual([error]);
  });

  it('is not told of when there is none', async () => {
    await expect(pipeline(call(), failing(refused()))).rejects.toThrow('refused');
    expect(unanswered).toEqual([]);
  });
});

it('the event of an attempt says whether it repeats one that failed', async () => {
  const failing = async () => {
    throw new NeighbourError('neighbour-failed', 'broken');
  };
  await pipeline(call(), failing).catch(() => undefined);
  await pipeline(call(), async () => 'fine');
  expect(retries).toEqual([false, true, false]);
});
