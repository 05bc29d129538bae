/** What must be equal in the model and in the real parts, for tests with few histories and for those with thousands. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { createBreakerModel } from '../../../src/resilience/model/breaker-model.ts';
import { createBulkheadModel } from '../../../src/resilience/model/bulkhead-model.ts';
import { createCallerModel } from '../../../src/resilience/model/caller-model.ts';
import { createVirtualTime } from '../../../src/resilience/model/virtual-time.ts';
import { breakerHistories, liveBreaker } from './breaker-histories.ts';
import { bulkheadHistories, liveBulkhead } from './bulkhead-histories.ts';
import { callerHistories, liveCaller, retryHistories } from './caller-histories.ts';
import type { ModelParts, Told } from './model-parts.ts';

const parts = { createBreakerModel, createBulkheadModel, createCallerModel, createVirtualTime };

const transitions = [
  ...[/closed→open threshold/, /closed→open in-a-row/, /closed→open silent/, /open→half_open open-time-over/],
  ...[/half_open→closed probe-ok/, /half_open→open probe-failed/, /half_open→open probe-timeout/],
];

/** What is equal, with its check. */
export const equalities: readonly (readonly [title: string, check: (histories: number) => Promise<void>])[] =
  [
    [
      'the breaker: state, transitions, what passes, and the window after every step',
      (histories) => checkEqual(histories, breakerHistories, liveBreaker, transitions),
    ],
    [
      'the bulkhead: who gets a slot, who is refused, and when',
      (histories) => checkEqual(histories, bulkheadHistories, liveBulkhead, [/begins/, /is refused/]),
    ],
    [
      'retries and their budget: which are made, and after which wait',
      (histories) =>
        checkEqual(histories, retryHistories, liveCaller, [/sent \d+\.4 /, /good/, /failed/, /rejected/]),
    ],
    [
      'the whole caller: every attempt, transition and end, with its moment',
      (histories) =>
        checkEqual(histories, callerHistories, liveCaller, [
          ...transitions,
          ...[/\.4 to [12] /, /good/, /failed/, /rejected/],
        ]),
    ],
  ];

/** Lives through so many histories; in 2,000 everything that they are about must have happened. */
async function checkEqual<History>(
  histories: number,
  arbitrary: fc.Arbitrary<History>,
  live: (history: History, model: ModelParts) => Promise<Told>,
  mustHappen: readonly RegExp[],
): Promise<void> {
  const missing = new Set(mustHappen);
  await fc.assert(
    fc.asyncProperty(arbitrary, async (history) => {
      const { real, model } = await live(history, parts);
      expect(model).toEqual(real);
      for (const event of missing) if (real.some((line) => event.test(line))) missing.delete(event);
    }),
    { numRuns: histories },
  );
  if (histories >= 2000) expect([...missing]).toEqual([]);
}
