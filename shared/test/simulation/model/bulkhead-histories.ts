/** Random histories of one bulkhead: who gets a slot, who is refused, and when. */
import fc from 'fast-check';
import { type BulkheadSettings, createBulkhead } from '../../../src/resilience/bulkhead.ts';
import { advance, type ModelParts, type Told } from './model-parts.ts';
import { turnTimers } from './turned-timers.ts';

type Step =
  | { readonly kind: 'enter'; readonly waitMs: number }
  | { readonly kind: 'leave'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number };

/** What happens to a bulkhead. */
export interface BulkheadHistory {
  readonly settings: BulkheadSettings;
  readonly steps: readonly Step[];
}

/** Histories of up to 60 steps. */
export const bulkheadHistories: fc.Arbitrary<BulkheadHistory> = fc.record({
  settings: fc.record({
    maxActive: fc.integer({ min: 1, max: 3 }),
    maxQueued: fc.nat(3),
    waitMs: fc.integer({ min: 1, max: 50 }),
  }),
  steps: fc.array(
    fc.oneof<fc.Arbitrary<Step>[]>(
      fc.record({ kind: fc.constant('enter' as const), waitMs: fc.integer({ min: 1, max: 80 }) }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat(5) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
    ),
    { minLength: 3, maxLength: 60, size: 'max' },
  ),
});

/** Lives through a history with both. */
export async function liveBulkhead(
  { settings, steps }: BulkheadHistory,
  { createBulkheadModel, createVirtualTime }: ModelParts,
): Promise<Told> {
  const timers = turnTimers();
  const told: Told = { real: [], model: [] };
  try {
    const bulkhead = createBulkhead('a→b', settings);
    const time = createVirtualTime();
    const model = createBulkheadModel(settings, time);
    const working: { readonly real: (() => void)[]; readonly model: number[] } = { real: [], model: [] };
    let entered = 0;
    for (const taken of steps) {
      if (taken.kind === 'enter') {
        const call = entered;
        entered += 1;
        const work = () => {
          told.real.push(`${timers.nowMs} ${call} begins`);
          return new Promise<void>((resolve) => working.real.push(resolve));
        };
        bulkhead.run(work, taken.waitMs).catch(() => told.real.push(`${timers.nowMs} ${call} is refused`));
        model.enter(
          taken.waitMs,
          () => {
            told.model.push(`${time.nowMs} ${call} begins`);
            working.model.push(call);
          },
          () => told.model.push(`${time.nowMs} ${call} is refused`),
        );
      } else if (taken.kind === 'leave') {
        working.real.splice(taken.which, 1)[0]?.();
        if (working.model.splice(taken.which, 1).length > 0) model.leave();
      } else {
        await timers.advance(taken.ms);
        advance(time, taken.ms);
      }
      await timers.settle();
    }
    return told;
  } finally {
    timers.restore();
  }
}
