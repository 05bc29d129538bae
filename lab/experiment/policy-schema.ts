/** The schema of a policy in an experiment: every member may be absent. */
import { type BreakerSettings, breakerRanges } from '@holdfast/shared/resilience/breaker-settings.ts';
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { z } from 'zod';
import { isObject, ms, number, orNull, toDefault } from './schema-forms.ts';

const breaker = z.strictObject(
  Object.fromEntries(
    Object.entries(breakerRanges).map(([name, range]) => [name, number(range).optional()]),
  ) as Record<keyof BreakerSettings, z.ZodOptional<z.ZodNumber>>,
  isObject,
);

/** The policy of an arm, or of all. */
export const policySchema = z
  .strictObject(
    {
      deadlineMs: orNull(
        number({ ...ms, min: 1 }),
        `How long a caller waits in all; null is for ever. ${toDefault(policyDefaults.deadlineMs)}`,
      ),
      bulkhead: orNull(
        z.strictObject(
          {
            maxActive: number({ min: 1, max: 100_000, isInteger: true }),
            maxQueued: number({ min: 0, max: 100_000, isInteger: true }),
            waitMs: number(ms),
          },
          isObject,
        ),
        `The bound on calls in flight; null is none. ${toDefault(policyDefaults.bulkhead)}`,
      ),
      attempts: number({ min: 1, max: 10, isInteger: true })
        .optional()
        .describe(`Attempts, the first included; 1 is no retry. ${toDefault(policyDefaults.attempts)}`),
      budget: orNull(
        z.strictObject(
          { ratio: number({ min: 0, max: 10 }), minPerSecond: number({ min: 0, max: 100_000 }) },
          isObject,
        ),
        `The bound on retries: a share of the calls, and a number a second that is always free; null is none. ${toDefault(policyDefaults.budget)}`,
      ),
      breaker: orNull(
        breaker,
        'When it opens, for how long, and how it probes; null is none. docs/breaker.md has the settings and their defaults.',
      ),
      attemptTimeoutMs: number({ min: 1, max: 600_000 })
        .optional()
        .describe(`Longest time of one attempt. ${toDefault(policyDefaults.attemptTimeoutMs)}`),
    },
    isObject,
  )
  .describe('What the caller does about its neighbour; by default what a service does.');
