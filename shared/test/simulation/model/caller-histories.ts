/**
 * Random histories of one caller: calls with their moments and the answers to their attempts, lived through by the real
 * pipeline and by its model. Both must send the same attempts in the same moments to the same instances.
 */
import fc from 'fast-check';
import { type Strategy, strategies } from '../../../src/resilience/balancer.ts';
import { createBreaker } from '../../../src/resilience/breaker.ts';
import type { BreakerEventMap } from '../../../src/resilience/breaker-events.ts';
import { breakerDefaults } from '../../../src/resilience/breaker-settings.ts';
import { createRetryBudget, unlimitedBudget } from '../../../src/resilience/budget.ts';
import { createBulkhead } from '../../../src/resilience/bulkhead.ts';
import { createDeadline } from '../../../src/resilience/deadline.ts';
import { AttemptTimeoutError, NeighbourError } from '../../../src/resilience/errors.ts';
import { createEventBus } from '../../../src/resilience/event-bus.ts';
import { createInstances } from '../../../src/resilience/instances.ts';
import type { Answer } from '../../../src/resilience/model/attempt-model.ts';
import type { Policy } from '../../../src/resilience/model/policy.ts';
import { type Attempt, createPipeline } from '../../../src/resilience/pipeline.ts';
import { advance, createStream, type ModelParts, type Told } from './model-parts.ts';
import { type TurnedTimers, turnTimers } from './turned-timers.ts';

/** The answer to one attempt; an instance that answers nobody has Infinity. */
interface ScriptedAnswer {
  readonly afterMs: number;
  readonly answer: Answer;
  readonly retryAfterMs?: number | undefined;
}

/** What happens to a caller. */
export interface CallerHistory {
  readonly policy: Policy;
  readonly instances: number;
  readonly strategy: Strategy;
  readonly slowStartMs: number;
  readonly seed: number;
  /** Calls: how long after the one before, and the answers to their attempts; the last one is repeated. */
  readonly calls: readonly { readonly afterMs: number; readonly answers: readonly ScriptedAnswer[] }[];
  /** Answers to the questions for a sign of life, one after the other. */
  readonly signs: readonly { readonly afterMs: number; readonly isAlive: boolean }[];
}

const attemptTimeoutMs = fc.integer({ min: 10, max: 300 });
const breaker = fc.record({
  thresholdRatio: fc.constantFrom(0, 0.3, 0.5, 0.8, 1),
  minCalls: fc.integer({ min: 1, max: 5 }),
  windowMs: fc.constantFrom(100, 500, 1000, 5000),
  openMs: fc.integer({ min: 10, max: 300 }),
  openMaxMs: fc.integer({ min: 10, max: 1000 }),
  openFactor: fc.constantFrom(1, 2),
  jitterRatio: fc.constantFrom(0, 0.5),
  probeTimeoutMs: fc.integer({ min: 10, max: 400 }),
  probeSuccesses: fc.integer({ min: 1, max: 2 }),
});
const bulkhead = fc.record({
  maxActive: fc.integer({ min: 1, max: 4 }),
  maxQueued: fc.nat(4),
  waitMs: fc.integer({ min: 1, max: 200 }),
});
const budget = fc.record({
  ratio: fc.constantFrom(0, 0.1, 0.5, 1, 3),
  minPerSecond: fc.constantFrom(0, 0.3, 1, 3),
});
const orNull = <T>(part: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: part }, { weight: 1, arbitrary: fc.constant(null) });
const policy: fc.Arbitrary<Policy> = fc.record({
  deadlineMs: orNull(fc.integer({ min: 15, max: 900 })),
  bulkhead: orNull(bulkhead),
  attempts: fc.integer({ min: 1, max: 4 }),
  budget: orNull(budget),
  breaker: orNull(breaker),
  attemptTimeoutMs,
});

const answer: fc.Arbitrary<ScriptedAnswer> = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 800 })),
  answer: fc.constantFrom<Answer>(
    'ok',
    'ok',
    'ok',
    'failed',
    'failed',
    'failed',
    'busy',
    'misconfigured',
    'not-taken',
  ),
  retryAfterMs: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 1500 }) },
  ),
});

/** Histories of up to 60 calls. */
export const callerHistories: fc.Arbitrary<CallerHistory> = fc.record({
  policy,
  instances: fc.constantFrom(1, 1, 2, 3),
  strategy: fc.constantFrom(...strategies),
  slowStartMs: fc.constantFrom(0, 500, 5000),
  seed: fc.nat(),
  calls: fc.array(
    fc.record({
      afterMs: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 500 }) },
      ),
      answers: fc.array(answer, { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 3, maxLength: 60, size: 'max' },
  ),
  signs: fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: 500 }), isAlive: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  }),
});

/** The same with retries and their budget alone: no breaker, no bulkhead, one instance. */
export const retryHistories: fc.Arbitrary<CallerHistory> = callerHistories.map((history) => ({
  ...history,
  instances: 1,
  policy: { ...history.policy, breaker: null, bulkhead: null },
}));

/** Lives through a history with both. */
export async function liveCaller(history: CallerHistory, parts: ModelParts): Promise<Told> {
  const timers = turnTimers();
  try {
    return { real: await liveReal(history, timers), model: liveModel(history, parts) };
  } finally {
    timers.restore();
  }
}

/** Longer than any call of a history takes, so that all end. */
const tailMs = 20_000;

async function liveReal(history: CallerHistory, timers: TurnedTimers): Promise<string[]> {
  const { policy, instances: count, strategy, slowStartMs, seed, calls } = history;
  const clock = () => timers.nowMs;
  const log = createLog(clock);
  const signs = createSigns(history);
  const instances = createInstances({
    name: 'the neighbour',
    strategy,
    slowStartMs,
    clock,
    random: createStream(seed),
    isAlive() {
      const { afterMs, isAlive } = signs();
      return new Promise((resolve) => setTimeout(() => resolve(isAlive), afterMs));
    },
    createBreaker(url, peers) {
      const events = createEventBus<BreakerEventMap>();
      events.on('transition', ({ from, to, reason }) =>
        log.tell('breaker', `${url} ${from}→${to} ${reason}`),
      );
      const settings = policy.breaker ?? { ...breakerDefaults, thresholdRatio: 1 };
      return createBreaker({
        name: url,
        events,
        settings,
        clock,
        random: createStream(seed + Number(url)),
        ...peers,
      });
    },
  });
  instances.set(Array.from({ length: count }, (_, index) => `${index}`));
  const pipeline = createPipeline({
    bulkhead: createBulkhead(
      'a→b',
      policy.bulkhead ?? { maxActive: Number.POSITIVE_INFINITY, maxQueued: 0, waitMs: 1 },
    ),
    retries: {
      attempts: policy.attempts,
      budget: policy.budget === null ? unlimitedBudget : createRetryBudget(policy.budget, clock),
      random: createStream(seed + 100),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
    instances,
    attemptTimeoutMs: policy.attemptTimeoutMs,
  });

  for (const [index, { afterMs }] of calls.entries()) {
    await timers.advance(afterMs);
    let sent = 0;
    const send = (attempt: Attempt) => {
      sent += 1;
      log.tell('sent', `${index}.${sent} to ${attempt.url} within ${attempt.timeoutMs}`);
      return answerReal(attempt, toAnswer(history, index, sent));
    };
    const deadline = createDeadline(policy.deadlineMs ?? Number.POSITIVE_INFINITY, clock);
    pipeline({ deadline, propagatedHeaders: {}, callerRetries: false }, send).then(
      () => log.tell('ended', `${index} good`),
      () => log.tell('ended', `${index} ${sent === 0 ? 'rejected' : 'failed'}`),
    );
    await timers.settle();
  }
  await timers.advance(tailMs);
  instances.stop();
  return log.lines();
}

/** One timer for answer and time-out, as in the model the sooner of two. */
function answerReal(
  { timeoutMs, signal }: Attempt,
  { afterMs, answer, retryAfterMs }: ScriptedAnswer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new NeighbourError('neighbour-unreachable', 'cut off')));
    if (afterMs >= timeoutMs) {
      setTimeout(() => reject(new AttemptTimeoutError('too late')), timeoutMs);
      return;
    }
    setTimeout(() => {
      if (answer === 'ok') resolve();
      else reject(new NeighbourError(codes[answer], 'scripted', { retryAfterMs }));
    }, afterMs);
  });
}

const codes = {
  failed: 'neighbour-failed',
  busy: 'neighbour-busy',
  misconfigured: 'neighbour-misconfigured',
  'not-taken': 'a-code-of-its-own',
};

function liveModel(history: CallerHistory, { createCallerModel, createVirtualTime }: ModelParts): string[] {
  const { policy, instances, strategy, slowStartMs, seed, calls } = history;
  const time = createVirtualTime();
  const log = createLog(() => time.nowMs);
  const signs = createSigns(history);
  const opens = Array.from({ length: instances }, (_, index) => createStream(seed + index));
  const caller = createCallerModel({
    policy,
    instances,
    strategy,
    slowStartMs,
    time,
    send(attempt) {
      log.tell(
        'sent',
        `${attempt.call}.${attempt.attempt} to ${attempt.instance} within ${attempt.timeoutMs}`,
      );
      const { afterMs, answer, retryAfterMs } = toAnswer(history, attempt.call, attempt.attempt);
      if (afterMs < attempt.timeoutMs)
        time.after(afterMs, () => attempt.answer(answer, answer === 'ok' ? undefined : retryAfterMs));
    },
    askAlive(_instance, found) {
      const { afterMs, isAlive } = signs();
      time.after(afterMs, () => found(isAlive));
    },
    randomWait: createStream(seed + 100),
    randomOpen: (instance) => opens[instance]?.() ?? 0,
    randomChoice: createStream(seed),
    onCallEnd: (call, end) => log.tell('ended', `${call} ${end}`),
    onTransition: (instance, from, to, reason) => log.tell('breaker', `${instance} ${from}→${to} ${reason}`),
  });

  for (const [index, { afterMs }] of calls.entries()) {
    advance(time, afterMs);
    caller.call(index);
  }
  advance(time, tailMs);
  return log.lines();
}

function toAnswer({ calls }: CallerHistory, call: number, attempt: number): ScriptedAnswer {
  const answers = calls[call]?.answers ?? [];
  return answers[Math.min(attempt, answers.length) - 1] as ScriptedAnswer;
}

function createSigns({ signs }: CallerHistory): () => CallerHistory['signs'][number] {
  let asked = 0;
  return () => {
    asked += 1;
    return signs[asked % signs.length] as CallerHistory['signs'][number];
  };
}

/** Lines of three kinds; within one moment only the sequence within a kind is compared. */
function createLog(clock: () => number) {
  const told: Record<'sent' | 'breaker' | 'ended', string[]> = { sent: [], breaker: [], ended: [] };
  return {
    tell: (kind: keyof typeof told, line: string) => void told[kind].push(`${clock()} ${kind} ${line}`),
    lines: () => Object.values(told).flat(),
  };
}
