/**
 * The shapes of events that are logged and kept: transitions, rejections, changed settings and policies, faults. Each has an id on
 * the stream.
 */
import { z } from 'zod';
import { type FaultChange, type FaultView, faultTypes } from '../faults/fault-events.ts';
import type { FaultsAnswer } from '../http/fault-routes.ts';
import type {
  BreakerConfigured,
  BreakerRejections,
  BreakerTransition,
} from '../resilience/breaker-events.ts';
import type { TransitionReason } from '../resilience/breaker-state.ts';
import type { PolicyChanged } from '../resilience/policy-settings.ts';
import {
  breakerConfig,
  breakerState,
  count,
  durationMs,
  identity,
  lastError,
  moment,
  openedBecause,
  ratio,
  settingChange,
} from './breaker-shapes.ts';
import { policySettingChange } from './policy-shapes.ts';

const reason: z.ZodType<TransitionReason> = z.enum([
  'threshold',
  'in-a-row',
  'silent',
  'open-time-over',
  'probe-ok',
  'probe-failed',
  'probe-timeout',
  'forced',
  'released',
  'expired',
]);

const logged = { ...identity, id: z.string(), line: z.string().describe('The line of the log.') };
const text = z.string().describe('The last part of the line.');

const transition = z.object({
  event: z.literal('transition'),
  ...logged,
  why: text,
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
  ...logged,
  text,
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
  ...logged,
  text,
  name: z.string(),
  at: moment,
  state: breakerState,
  changed: z.array(settingChange),
  windowCleared: z.literal(true),
  config: breakerConfig,
}) satisfies z.ZodType<BreakerConfigured>;

const policyEvent = z.object({
  event: z.literal('policy'),
  ...logged,
  text,
  name: z.string().describe('The hop; the breaker of a hop with one address tells of its own settings.'),
  at: moment,
  changed: z.array(policySettingChange),
}) satisfies z.ZodType<PolicyChanged>;

const breakerEvent = z.discriminatedUnion('event', [transition, rejections, configured]);

/** `GET /breakers/:name/events`. */
export const breakerEvents = z.object({
  ...identity,
  name: z.string(),
  events: z.array(breakerEvent).describe('The oldest first, as far back as they are kept.'),
});

/** One fault. */
export const faultView = z.object({
  name: z.string(),
  type: z.enum(faultTypes),
  phase: z.enum(['before', 'after']).describe('Before or after the document is kept.'),
  rate: z.number().min(0).max(1).describe('Share of the matching requests that it hits.'),
  status: z.int().min(400).max(599),
  ms: durationMs,
  jitterMs: durationMs,
  match: z.string().nullable(),
  times: count.nullable(),
  seed: z.int().nullable(),
  seen: count.describe('Matching requests that it has looked at.'),
  hits: count,
  since: moment,
  expiresAt: moment.nullable().describe('null for a fault of the start.'),
  leftMs: durationMs.nullable(),
}) satisfies z.ZodType<FaultView>;

/** `GET /faults`. */
export const faultsAnswer = z.object({
  ...identity,
  at: moment,
  faults: z.array(faultView),
}) satisfies z.ZodType<FaultsAnswer>;

const faultEvent = z.object({
  event: z.literal('fault'),
  ...logged,
  text,
  at: moment,
  change: z.enum(['on', 'changed', 'off']),
  reason: z.enum(['deleted', 'expired', 'used-up']).nullable(),
  fault: faultView,
}) satisfies z.ZodType<FaultChange>;

/** A message with an id: it is replayed after a gap. */
export const streamEntry = z.discriminatedUnion('event', [...breakerEvent.options, policyEvent, faultEvent]);
