/**
 * The schemas of breakers: `GET /breakers` and its paths. Their events are in logged-event-shapes.ts.
 *
 * Each satisfies its type of wire.ts: a field that is added or renamed there does not compile here.
 */
import { z } from 'zod';
import { breakerChangeSchema } from '../observability/breakers.ts';
import type { BreakerReport, BreakersAnswer } from '../observability/wire.ts';
import type { BreakerConfig } from '../resilience/breaker-events.ts';
import { type BreakerSettings, breakerDefaults, breakerRanges } from '../resilience/breaker-settings.ts';
import type { BreakerState, LastError, OpenedBecause } from '../resilience/breaker-state.ts';
import type { LatencyView, WindowView } from '../resilience/breaker-window.ts';
import type { ShadowReport } from '../resilience/shadow.ts';

/** A time in milliseconds since 1970. */
export const moment = z.number().min(0).describe('Milliseconds since 1970.');

/** A count. */
export const count = z.int().min(0);
/** A share from 0 to 1. */
export const ratio = z.number().min(0).max(1);
/** A duration in milliseconds. */
export const durationMs = z.number().min(0);

/** The five states. */
export const breakerState: z.ZodType<BreakerState> = z.enum([
  'closed',
  'open',
  'half_open',
  'forced_open',
  'disabled',
]);

/** Calls per outcome. */
export const outcomeCounts = z
  .object({
    success: count,
    failure: count,
    timeout: count,
    rejected: count,
    ignored: count,
    saturated: count,
  })
  .describe('Calls per outcome. Only success, failure and timeout were sent and count.');

const settingFields = Object.fromEntries(
  Object.entries(breakerRanges).map(([name, { min, max, isInteger }]) => [
    name,
    (isInteger ? z.int() : z.number())
      .min(min)
      .max(max)
      .meta({ default: breakerDefaults[name as keyof BreakerSettings] }),
  ]),
) as { [Name in keyof BreakerSettings]: z.ZodNumber };

/** The settings of a breaker. */
export const breakerSettings = z.object(settingFields) satisfies z.ZodType<BreakerSettings>;

/** Settings to change or to try; what is absent stays. */
const breakerSettingChanges = breakerSettings.partial().strict();

/** The body of a change: the schema that checks it, with each setting listed. */
export const breakerChange = z
  .strictObject({
    ...breakerChangeSchema.shape,
    settings: breakerSettingChanges.optional().describe(wordsFor('settings')),
    shadow: breakerSettingChanges.nullable().optional().describe(wordsFor('shadow')),
  })
  .meta({ minProperties: 1 });

/** The present settings, with the time-out of a call. */
export const breakerConfig = breakerSettings.extend({
  attemptTimeoutMs: durationMs.nullable().describe('Longest time of one call, enforced by the caller.'),
}) satisfies z.ZodType<BreakerConfig>;

/** The last error that counted. */
export const lastError = z.object({
  code: z.string(),
  message: z.string(),
  at: moment,
}) satisfies z.ZodType<LastError>;

/** The numbers that opened a breaker. */
export const openedBecause = z
  .object({ calls: count, failures: count, ratio, threshold: ratio, lastError: lastError.nullable() })
  .describe('The numbers that opened it.') satisfies z.ZodType<OpenedBecause>;

const windowView = z.object({
  windowMs: durationMs,
  calls: count,
  failures: count,
  ratio,
  buckets: z
    .array(outcomeCounts.extend({ startedAt: moment }))
    .length(10)
    .describe('The oldest first; the last one is the present.'),
}) satisfies z.ZodType<WindowView>;

const latencyView = z.object({
  samples: count,
  p50: durationMs.nullable(),
  p95: durationMs.nullable(),
  p99: durationMs.nullable(),
}) satisfies z.ZodType<LatencyView>;

const shadowReport = z
  .object({
    config: breakerSettings,
    since: moment,
    state: breakerState,
    opened: count.describe('How often it would have opened.'),
    wouldReject: count,
    calls: count,
  })
  .describe(
    'Settings that are tried on the outcomes of real calls without deciding anything.',
  ) satisfies z.ZodType<ShadowReport>;

/** One breaker. */
export const breakerReport = z.object({
  name: z.string().meta({ examples: ['this-service→next-service'] }),
  state: breakerState,
  why: z.string().describe('Why it is in its state, in a sentence.'),
  cause: z.string().describe('The same without the time until the next probe.'),
  since: moment,
  openedAt: moment.nullable(),
  probeAt: moment.nullable().describe('When the next probe is due; only while open.'),
  probeInMs: durationMs.nullable(),
  probeUntil: moment.nullable(),
  until: moment.nullable().describe('When a forced state ends by itself.'),
  openedBecause: openedBecause.nullable(),
  failedProbes: count,
  strained: z.boolean().describe('Closed, with failures in its window.'),
  window: windowView,
  counts: outcomeCounts,
  late: count,
  inFlight: count,
  rejected: count.describe('Calls rejected in the present state.'),
  opened: count.describe('How often it has opened since the service started.'),
  latency: latencyView,
  lastError: lastError.nullable(),
  config: breakerConfig,
  shadow: shadowReport.nullable(),
  generation: count,
}) satisfies z.ZodType<BreakerReport>;

/** One setting that changed. */
export const settingChange = z.object({
  setting: z.enum(Object.keys(breakerRanges) as [keyof BreakerSettings]),
  from: z.number(),
  to: z.number(),
});

/** The answer to a change: the breaker as it is now, and which settings differ. */
export const breakerChanged = breakerReport.extend({ changed: z.array(settingChange) });

/** The sender of a report or an event. */
export const identity = { service: z.string(), instance: z.string() };

/** `GET /breakers`. */
export const breakersAnswer = z.object({
  ...identity,
  at: moment,
  breakers: z.array(breakerReport),
}) satisfies z.ZodType<BreakersAnswer>;

function wordsFor(field: 'settings' | 'shadow'): string {
  return breakerChangeSchema.shape[field].description ?? '';
}
