/**
 * The schemas of `/policy`: all settings of the way to the next hop. Ranges are those that policy-settings.ts checks.
 */
import { z } from 'zod';
import type { PolicyAnswer, PolicyChangedAnswer } from '../observability/wire.ts';
import type { SettingRange } from '../resilience/breaker-settings.ts';
import { type PolicySettingChange, policyRanges, type RunningPolicy } from '../resilience/policy-settings.ts';
import { breakerSettings, identity, moment } from './breaker-shapes.ts';

const { bulkhead, budget } = policyRanges;

const policy = z.object({
  deadlineMs: within(policyRanges.deadlineMs).describe(
    'Longest time of a request when its caller names no shorter one; cannot be changed while the service runs.',
  ),
  bulkhead: z.object({
    maxActive: within(bulkhead.maxActive).describe('Calls under way at once.'),
    maxQueued: within(bulkhead.maxQueued).describe('Calls that may wait for a slot.'),
    waitMs: within(bulkhead.waitMs).describe('Longest wait for a slot.'),
  }),
  attempts: within(policyRanges.attempts).describe('The first one included.'),
  budget: z.object({
    ratio: within(budget.ratio).describe('Retries per call.'),
    minPerSecond: within(budget.minPerSecond).describe('Retries a second that are always allowed.'),
  }),
  breaker: breakerSettings,
  attemptTimeoutMs: within(policyRanges.attemptTimeoutMs).describe(
    'Longest time of one attempt. When it changes and probeTimeoutMs is not named, that becomes 1000 more.',
  ),
}) satisfies z.ZodType<RunningPolicy>;

/** The body of a change: what is absent stays. */
export const policyChange = z.strictObject({
  policy: z
    .strictObject({
      ...policy.shape,
      bulkhead: policy.shape.bulkhead.partial().strict(),
      budget: policy.shape.budget.partial().strict(),
      breaker: breakerSettings.partial().strict(),
    })
    .partial()
    .meta({ minProperties: 1 }),
});

/** One setting that changed. */
export const policySettingChange = z.object({
  setting: z.string().meta({ examples: ['attempts', 'budget.ratio'] }),
  from: z.number(),
  to: z.number(),
}) satisfies z.ZodType<PolicySettingChange>;

/** `GET /policy`. */
export const policyAnswer = z.object({
  ...identity,
  at: moment,
  hop: z.string().meta({ examples: ['this-service→next-service'] }),
  policy,
  exceptions: z
    .array(z.object({ breaker: z.string(), settings: z.record(z.string(), z.number()) }))
    .describe('Breakers of single instances with settings of their own, and those that differ.'),
  fixed: z
    .array(z.object({ pointer: z.string(), why: z.string() }))
    .describe('Settings that cannot be changed while the service runs.'),
}) satisfies z.ZodType<PolicyAnswer>;

/** The answer to a change: the policy as it is now, and which settings differ. */
export const policyChanged = policyAnswer.extend({
  changed: z.array(policySettingChange),
}) satisfies z.ZodType<PolicyChangedAnswer>;

function within({ min, max, isInteger }: SettingRange): z.ZodNumber {
  return (isInteger ? z.int() : z.number()).min(min).max(max);
}
