/** Mistakes that a model could have: each is one change of its text, which a history must bring to light. */

/** One mistake. */
export interface Mutant {
  /** What the model does wrong. */
  readonly mistake: string;
  /** In which file of the model. */
  readonly file: string;
  /** A piece of text that occurs once in it, and what stands there instead. */
  readonly from: string;
  readonly to: string;
  /** The histories that must find it. */
  readonly histories: 'breaker' | 'bulkhead' | 'retry' | 'caller';
}

const ofBreaker = { file: 'breaker-model.ts', histories: 'breaker' } as const;
const ofWindow = { file: 'window-model.ts', histories: 'breaker' } as const;
const ofBulkhead = { file: 'bulkhead-model.ts', histories: 'bulkhead' } as const;
const ofRetry = { file: 'caller-model.ts', histories: 'retry' } as const;
const ofCaller = { file: 'caller-model.ts', histories: 'caller' } as const;
const ofAttempt = { file: 'attempt-model.ts', histories: 'caller' } as const;

/** All mistakes. */
export const mutants: readonly Mutant[] = [
  {
    ...ofBreaker,
    mistake: 'ignores how few calls there are',
    from: 'calls < settings.minCalls',
    to: 'calls < 1',
  },
  {
    ...ofBreaker,
    mistake: 'opens at the threshold',
    from: '<= settings.thresholdRatio',
    to: '< settings.thresholdRatio',
  },
  {
    ...ofBreaker,
    mistake: 'lets a second probe out',
    from: "state === 'half_open' && probeUntil === null",
    to: "state === 'half_open'",
  },
  { ...ofBreaker, mistake: 'counts a good probe twice', from: 'goodProbes += 1', to: 'goodProbes += 2' },
  {
    ...ofBreaker,
    mistake: 'counts calls of before its last transition',
    from: 'if (call.generation !== generation) return;',
    to: '',
  },
  { ...ofBreaker, mistake: 'does not grow its open period', from: 'failedProbes += 1;', to: '' },
  {
    ...ofBreaker,
    mistake: 'waits longer when the neighbour asks for it',
    from: 'return Math.min(askedMs,',
    to: 'return Math.max(retryAfterMs ?? 0,',
  },
  { ...ofBreaker, mistake: 'has probes without a deadline', from: "end(call, 'timeout');\n        ", to: '' },
  {
    ...ofBreaker,
    mistake: 'takes an ignored probe for a good one',
    from: "if (verdict === 'success') goodProbes += 1;\n    if (verdict === 'success' &&",
    to: 'goodProbes += 1;\n    if (',
  },
  {
    ...ofBreaker,
    mistake: 'opens the last healthy instance',
    from: 'calls > failures && isLastHealthy()',
    to: 'false',
  },
  {
    ...ofBreaker,
    mistake: 'opens by a row that is broken',
    from: "if (verdict === 'success') failuresInARow = 0;\n    else if",
    to: 'if',
  },
  {
    ...ofBreaker,
    mistake: 'opens by silence at a threshold of 1',
    from: 'if (settings.thresholdRatio >= 1) return;',
    to: '',
  },
  {
    ...ofBreaker,
    mistake: 'keeps its window when it is configured',
    from: 'renew();\n      window = createWindowModel(settings.windowMs, time);\n    },',
    to: 'renew();\n    },',
  },
  {
    ...ofWindow,
    mistake: 'has a bucket less',
    from: "import { windowBuckets } from '../breaker-window.ts';",
    to: 'const windowBuckets = 9;',
  },
  {
    ...ofWindow,
    mistake: 'has buckets of a millisecond more',
    from: 'Math.floor(windowMs / windowBuckets)',
    to: 'Math.floor(windowMs / windowBuckets) + 1',
  },
  {
    ...ofWindow,
    mistake: 'forgets a bucket too early',
    from: 'passed <= present;',
    to: 'passed <= present + 1;',
  },
  {
    ...ofBulkhead,
    mistake: 'frees no slot for one who waits',
    from: 'else next();',
    to: 'else active -= 0;',
  },
  {
    ...ofBulkhead,
    mistake: 'lets one more wait',
    from: 'queue.size >= settings.maxQueued',
    to: 'queue.size > settings.maxQueued',
  },
  {
    ...ofBulkhead,
    mistake: 'lets the last come first',
    from: 'const [next] = queue;',
    to: 'const next = [...queue].at(-1);',
  },
  {
    ...ofBulkhead,
    mistake: 'waits as long as the caller',
    from: 'Math.min(waitMs, settings.waitMs)',
    to: 'waitMs',
  },
  {
    ...ofRetry,
    mistake: 'has a budget that fills too fast',
    from: 'createRetryBudget(policy.budget, ()',
    to: 'createRetryBudget({ ...policy.budget, minPerSecond: 100 }, ()',
  },
  {
    ...ofRetry,
    mistake: 'earns with each attempt',
    from: 'call.attempts += 1;',
    to: 'call.attempts += 1;\n    if (call.attempts > 1) budget.earn();',
  },
  {
    ...ofRetry,
    mistake: 'spends before it knows that there is time',
    from: 'if (isOver || !hasTime || !budget.spend())',
    to: 'if (isOver || !budget.spend() || !hasTime)',
  },
  { ...ofRetry, mistake: 'keeps back no margin of the deadline', from: '> 2 * marginMs', to: '> 0' },
  {
    ...ofCaller,
    mistake: 'begins within the margin',
    from: 'if (leftMs > marginMs) attempts.make(',
    to: 'if (leftMs > 0) attempts.make(',
  },
  { ...ofRetry, mistake: 'does not hear Retry-After', from: '&& retryAfterMs <= waitMs', to: '' },
  {
    ...ofRetry,
    mistake: 'does not wait',
    from: 'time.after(waitMs, () => attempt(call))',
    to: 'time.after(1, () => attempt(call))',
  },
  {
    ...ofAttempt,
    mistake: 'has attempts beyond the deadline',
    from: 'Math.min(policy.attemptTimeoutMs, leftMs)',
    to: 'policy.attemptTimeoutMs',
  },
  {
    ...ofAttempt,
    mistake: 'counts a time-out that the deadline cut short',
    from: "timeoutMs < policy.attemptTimeoutMs / 2 ? 'ignored' : 'timeout'",
    to: "'timeout'",
  },
  {
    ...ofCaller,
    mistake: 'frees the slot before the retries',
    from: 'else time.after(waitMs, () => attempt(call));',
    to: 'else {\n      bulkhead.leave();\n      time.after(waitMs, () => attempt(call));\n    }',
  },
  {
    ...ofAttempt,
    mistake: 'asks for no sign of life',
    from: "if (verdict === 'timeout') checkLiveness(sent);",
    to: '',
  },
  {
    ...ofAttempt,
    mistake: 'does not leave a busy instance alone',
    from: "if (answer === 'busy')",
    to: 'if (false)',
  },
  {
    ...ofAttempt,
    mistake: 'counts a busy neighbour as failed',
    from: "answer === 'failed' ? 'failure'",
    to: "answer !== 'not-taken' ? 'failure'",
  },
  { ...ofAttempt, mistake: 'tries the same instance again', from: 'call.tried.add(target);', to: '' },
  {
    ...ofCaller,
    mistake: 'retries what no instance takes',
    from: "end === 'not-sent' || end === 'not-taken'",
    to: "end === 'not-sent'",
  },
  {
    ...ofAttempt,
    mistake: 'ends a late probe at its caller twice',
    from: 'if (!sent.isOver) end(',
    to: 'end(',
  },
];
