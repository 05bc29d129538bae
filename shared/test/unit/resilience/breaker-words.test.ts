/** The words, exactly as people see them. The lines of the terminal are those of the specification, letter by letter. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type {
  BreakerCall,
  BreakerRejections,
  BreakerTransition,
} from '../../../src/resilience/breaker-events.ts';
import { breakerDefaults } from '../../../src/resilience/breaker-settings.ts';
import type { StateView } from '../../../src/resilience/breaker-view.ts';
import {
  maxColumns,
  toCallLine,
  toConfiguredLine,
  toDetail,
  toLevel,
  toRejectionsLine,
  toTransitionLine,
  toTransitionReason,
} from '../../../src/resilience/breaker-words.ts';

const lastError = { code: 'attempt-timeout', message: 'No answer within 300 ms.', at: 0 };
const because = { calls: 5, failures: 3, ratio: 0.6, threshold: 0.5, lastError };

const opening: BreakerTransition = {
  name: 'order→payment',
  at: 1_000,
  from: 'closed',
  to: 'open',
  reason: 'threshold',
  because,
  window: { calls: 5, failures: 3, ratio: 0.6 },
  probeAt: 11_000,
  until: null,
  lastError,
  rejected: 0,
  lastedMs: 500,
  downMs: null,
  probeMs: null,
  failedProbes: 0,
  generation: 2,
  config: { ...breakerDefaults, attemptTimeoutMs: 300 },
};

const healing: BreakerTransition = {
  ...opening,
  from: 'half_open',
  to: 'closed',
  reason: 'probe-ok',
  probeAt: null,
  probeMs: 41,
  downMs: 10_282,
};

const rejections: BreakerRejections = {
  name: 'order→payment',
  at: 2_000,
  state: 'open',
  count: 14,
  perMs: 1_000,
  total: 14,
  probeAt: 11_000,
  until: null,
};

const halfOpening: BreakerTransition = {
  ...opening,
  from: 'open',
  to: 'half_open',
  reason: 'open-time-over',
  probeAt: null,
  lastedMs: 10_000,
  rejected: 137,
};

it('says the four lines of the specification', () => {
  expect([
    toTransitionLine(opening),
    toRejectionsLine(rejections),
    toTransitionLine(halfOpening),
    toTransitionLine(healing),
  ]).toEqual([
    '🔌 order→payment  ● CLOSED → ○ OPEN       3/5 failed (60% > 50%) · timeout 300 ms · probe in 10 s',
    '🔌 order→payment  ○ OPEN       rejected 14 in 1 s · probe in 9 s',
    '🔌 order→payment  ○ OPEN → ◐ HALF-OPEN    open 10.0 s · 137 rejected · next call is the probe',
    '🔌 order→payment  ◐ HALF-OPEN → ● CLOSED  probe ok 41 ms · was down 10.3 s',
  ]);
});

it.each<[Partial<BreakerTransition>, string]>([
  [
    {
      from: 'half_open',
      reason: 'probe-failed',
      probeMs: 12,
      probeAt: 19_400,
      lastError: { ...lastError, code: 'neighbour-failed' },
    },
    '◐ HALF-OPEN → ○ OPEN    probe failed 12 ms (neighbour-failed) · probe in 18.4 s',
  ],
  [
    { reason: 'in-a-row', because: { ...because, failures: 5, ratio: 1 } },
    '● CLOSED → ○ OPEN       last 5 calls failed, others well · probe in 10 s',
  ],
  [{ reason: 'silent' }, '● CLOSED → ○ OPEN       timed out, no sign of life · probe in 10 s'],
  [
    { from: 'half_open', reason: 'probe-timeout', probeMs: 2_000 },
    '◐ HALF-OPEN → ○ OPEN    probe timed out 2000 ms · probe in 10 s',
  ],
  [
    { to: 'forced_open', reason: 'forced', probeAt: null, until: 61_000 },
    '● CLOSED → ○ FORCED-OPEN  forced by hand · until released, at most 60 s',
  ],
  [
    { to: 'disabled', reason: 'forced', probeAt: null, until: 61_000 },
    '● CLOSED → ● DISABLED   forced by hand · until released, at most 60 s',
  ],
  [
    { from: 'forced_open', to: 'closed', reason: 'expired', probeAt: null, lastedMs: 60_000 },
    '○ FORCED-OPEN → ● CLOSED  forced state ended after 60.0 s · window cleared',
  ],
  [
    { from: 'disabled', to: 'closed', reason: 'released', probeAt: null },
    '● DISABLED → ● CLOSED   released by hand · window cleared',
  ],
])('says the rest, %#', (change, line) => {
  expect(toTransitionLine({ ...opening, ...change })).toBe(`🔌 order→payment  ${line}`);
});

it('never says that a share is above a threshold with two equal numbers', () => {
  const close = { ...because, calls: 199, failures: 100, ratio: 100 / 199 };
  expect(
    toTransitionReason({ ...opening, because: close, config: { ...opening.config, attemptTimeoutMs: null } }),
  ).toBe('100/199 failed (50.3% > 50%) · probe in 10 s');
});

it('says settings that changed', () => {
  const changed = [
    { setting: 'minCalls', from: 5, to: 10 },
    { setting: 'openMs', from: 10_000, to: 5_000 },
  ] as const;
  const { name, at, config } = opening;
  expect(toConfiguredLine({ name, at, state: 'closed', changed, windowCleared: true, config })).toBe(
    '🔌 order→payment  ● CLOSED     minCalls 5 → 10 · openMs 10000 → 5000 · window cleared',
  );
});

it.each<[Partial<BreakerCall>, string]>([
  [{}, '● CLOSED     success 41 ms'],
  [{ outcome: 'rejected', state: 'open', durationMs: 0 }, '○ OPEN       rejected'],
  [
    { outcome: 'timeout', error: lastError, late: true },
    '● CLOSED     timeout 41 ms · late, decides nothing · attempt-timeout',
  ],
  [{ state: 'half_open', probe: true }, '◐ HALF-OPEN  success 41 ms · probe'],
])('says a single call, %#', (change, line) => {
  const call: BreakerCall = {
    name: 'order→payment',
    at: 1,
    outcome: 'success',
    durationMs: 41,
    late: false,
    probe: false,
    background: false,
    state: 'closed',
    generation: 1,
    error: null,
  };
  expect(toCallLine({ ...call, ...change })).toBe(`🔌 order→payment  ${line}`);
});

it('warns when it leaves the normal protection and informs when it heals', () => {
  const states = ['closed', 'open', 'half_open', 'forced_open', 'disabled'] as const;
  expect(states.map((to) => toLevel({ ...opening, to }))).toEqual(['info', 'warn', 'info', 'warn', 'warn']);
});

it('keeps the end of the address of an instance, which tells it from the others', () => {
  const name = 'order→payment@127.0.0.1:14321';
  expect(toTransitionLine({ ...opening, name, config: { ...opening.config, attemptTimeoutMs: 1500 } })).toBe(
    '🔌 order→payment@….0.1:14321  ● CLOSED → ○ OPEN       3/5 failed (60% > 50%) · timeout 1500 ms · probe in 10 s',
  );
});

it('stays within its columns, cutting the name first', () => {
  const name = 'checkout-frontend→payment-gateway@payment-gateway-7c9d8b6f5-x2x9k.internal:3000';
  const line = toTransitionLine({ ...opening, name });
  expect(line).toHaveLength(maxColumns);
  expect(line).toMatch(
    /^🔌 checkout-frontend→payment\S*… {2}● CLOSED → ○ OPEN {7}3\/5 failed .* · probe in 10 s$/u,
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.nat(), fc.nat(), (any, count, at) => {
      expect(toRejectionsLine({ ...rejections, name: any, count, at }).length).toBeLessThanOrEqual(
        maxColumns,
      );
      expect(toTransitionLine({ ...healing, name: any, downMs: at }).length).toBeLessThanOrEqual(maxColumns);
    }),
  );
});

const open: StateView = {
  name: 'order→payment',
  state: 'open',
  openedAt: 1_000,
  probeAt: 11_000,
  probeUntil: null,
  until: null,
  openedBecause: because,
  failedProbes: 0,
};

it.each<[Partial<StateView>, string]>([
  [{}, 'opened 3.6 s ago after 3 of 5 calls failed. Next try in 6.4 s.'],
  [{ failedProbes: 1 }, 'opened 3.6 s ago after its probe failed. Next try in 6.4 s.'],
  [{ failedProbes: 3 }, 'opened 3.6 s ago after its last 3 probes failed. Next try in 6.4 s.'],
  [{ probeAt: 4_000 }, 'opened 3.6 s ago after 3 of 5 calls failed. Next try in 0 ms.'],
  [{ state: 'half_open', probeAt: null }, 'is half-open. The next call is the probe.'],
  [
    { state: 'half_open', probeAt: null, probeUntil: 6_500 },
    'is half-open and waits for its probe. Next try in 1.9 s at most.',
  ],
  [{ state: 'forced_open', until: 64_600 }, 'is held open by hand. It returns to normal in 60 s.'],
  [
    { state: 'disabled', until: 64_600 },
    'is disabled and lets every call pass. It returns to normal in 60 s.',
  ],
  [{ state: 'closed', openedAt: null, probeAt: null, openedBecause: null }, 'is closed.'],
])('says in sentences why no call passes, %#', (change, sentence) => {
  expect(toDetail({ ...open, ...change }, 4_600)).toBe(`The breaker order→payment ${sentence}`);
});
