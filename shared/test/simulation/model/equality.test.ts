/** The model does what the real parts do, over thousands of random histories. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBreakerModel } from '../../../src/resilience/model/breaker-model.ts';
import { createBulkheadModel } from '../../../src/resilience/model/bulkhead-model.ts';
import { createCallerModel } from '../../../src/resilience/model/caller-model.ts';
import { createVirtualTime } from '../../../src/resilience/model/virtual-time.ts';
import { breakerHistories, liveBreaker } from './breaker-histories.ts';
import { bulkheadHistories, liveBulkhead } from './bulkhead-histories.ts';
import { callerHistories, liveCaller, retryHistories } from './caller-histories.ts';
import type { ModelParts, Told } from './model-parts.ts';

const parts = { createBreakerModel, createBulkheadModel, createCallerModel, createVirtualTime };

const checkEqual = <History>(
  histories: fc.Arbitrary<History>,
  live: (history: History, model: ModelParts) => Promise<Told>,
) =>
  fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const { real, model } = await live(history, parts);
      expect(model).toEqual(real);
    }),
    { numRuns: 2000 },
  );

it('the breaker: state, transitions, what passes, and the window after every step', () =>
  checkEqual(breakerHistories, liveBreaker));

it('the bulkhead: who gets a slot, who is refused, and when', () =>
  checkEqual(bulkheadHistories, liveBulkhead));

it('retries and their budget: which are made, and after which wait', () =>
  checkEqual(retryHistories, liveCaller));

it('the whole caller: every attempt, transition and end, with its moment', () =>
  checkEqual(callerHistories, liveCaller));
