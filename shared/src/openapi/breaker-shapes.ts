/**
 * The shapes of breakers, and of what is told about them: `GET /breakers` and its neighbours.
 *
 * The types of wire.ts pin them: a field that is added or renamed there does not compile here.
 */
import { z } from 'zod';
import { breakerChangeSchema } from '../breakers.ts';
import { type BreakerSettings, breakerDefaults, breakerRanges } from '../resilience/breaker-settings.ts';
import type {
  BreakerState,
  LastError,
  OpenedBecause,
  TransitionReason,
} from '../resilience/breaker-state.ts';
import type { LatencyView, WindowView } from '../resilience/breaker-window.ts';
import type {
  BreakerConfig,
  BreakerConfigured,
  BreakerRejections,
  BreakerTransition,
} from '../telemetry/events.ts';
import type { BreakerReport, BreakersAnswer, ShadowReport } from '../telemetry/wire.ts';

/** A moment in milliseconds since 1970. */
export const moment = z.number().min(0).describe('Milliseconds since 1970.');

const count = z.int().min(0);
const ratio = z.number().min(0).max(1);
const durationMs = z.number().min(0);

const breakerState: z.ZodType<BreakerState> = z.enum([
  'closed',
  'open',
  'half_open',
  'forced_open',
  'disabled',
]);

const reason: z.ZodType<TransitionReason> = z.enum([
  'threshold',
  'open-time-over',
  'probe-ok',
  'probe-failed',
  'probe-timeout',
  'forced',
  'released',
  'expired',
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
  Object.entries(breakerRanges).map(([name, { min, max, whole }]) => [
    name,
    (whole ? z.int() : z.number())
      .min(min)
      .max(max)
      .meta({ default: breakerDefaults[name as keyof BreakerSettings] }),
  ]),
) as { [Name in keyof BreakerSettings]: z.ZodNumber };

/** The settings of a breaker. */
export const breakerSettings = z.object(settingFields) satisfies z.ZodType<BreakerSettings>;

/** Settings to change or to try; what is absent stays. */
export const breakerSettingChanges = breakerSettings.partial().strict();

/** What a change of a breaker takes: the schema that checks it, with the settings spelled out. */
export const breakerChange = z
  .strictObject({
    ...breakerChangeSchema.shape,
    settings: breakerSettingChanges.optional().describe(wordsFor('settings')),
    shadow: breakerSettingChanges.nullable().optional().describe(wordsFor('shadow')),
  })
  .meta({ minProperties: 1 });

const breakerConfig = breakerSettings.extend({
  attemptTimeoutMs: durationMs.nullable().describe('Longest time of one call, enforced by the caller.'),
}) satisfies z.ZodType<BreakerConfig>;

const lastError = z.object({
  code: z.string(),
  message: z.string(),
  at: moment,
}) satisfies z.ZodType<LastError>;

const openedBecause = z
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

const settingChange = z.object({
  setting: z.enum(Object.keys(breakerRanges) as [keyof BreakerSettings]),
  from: z.number(),
  to: z.number(),
});

/** The answer to a change: the breaker as it is now, and which settings differ. */
export const breakerChanged = breakerReport.extend({ changed: z.array(settingChange) });

/** Who says something. */
export const speaker = { service: z.string(), instance: z.string() };

/** `GET /breakers`. */
export const breakersAnswer = z.object({
  ...speaker,
  at: moment,
  breakers: z.array(breakerReport),
}) satisfies z.ZodType<BreakersAnswer>;

const toldOfBreaker = { ...speaker, id: z.string(), line: z.string().describe('The line of the log.') };

const transition = z.object({
  event: z.literal('transition'),
  ...toldOfBreaker,
  why: z.string(),
  name: z.string(),
  at: moment,
  from: breakerState,
  to: breakerState,
  reason,
  because: openedBecause.nullable(),
  window: z.object({ calls: count, failures: count, ratio }),
  probeAt: moment.nullable(),
  until: moment.nullable(),
  lastError: lastError.nullable(),
  rejected: count,
  lastedMs: durationMs,
  downMs: durationMs.nullable(),
  probeMs: durationMs.nullable(),
  failedProbes: count,
  generation: count,
  config: breakerConfig,
}) satisfies z.ZodType<BreakerTransition>;

const rejections = z.object({
  event: z.literal('rejections'),
  ...toldOfBreaker,
  name: z.string(),
  at: moment,
  state: breakerState,
  count,
  perMs: durationMs,
  total: count,
  probeAt: moment.nullable(),
  until: moment.nullable(),
}) satisfies z.ZodType<BreakerRejections>;

const configured = z.object({
  event: z.literal('configured'),
  ...toldOfBreaker,
  name: z.string(),
  at: moment,
  state: breakerState,
  changed: z.array(settingChange),
  windowCleared: z.literal(true),
  config: breakerConfig,
}) satisfies z.ZodType<BreakerConfigured>;

/** Something that happened to a breaker. */
export const breakerEvent = z.discriminatedUnion('event', [transition, rejections, configured]);

/** `GET /breakers/:name/events`. */
export const breakerEvents = z.object({
  ...speaker,
  name: z.string(),
  events: z.array(breakerEvent).describe('The oldest first, as far back as they are kept.'),
});

function wordsFor(field: 'settings' | 'shadow'): string {
  return breakerChangeSchema.shape[field].description ?? '';
}
