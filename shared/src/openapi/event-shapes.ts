/**
 * The shapes of `GET /events`: what the `data` of each kind of message holds.
 */
import { z } from 'zod';
import type { DocumentStep, FaultChange, FaultView } from '../telemetry/events.ts';
import type { ServiceStatus, Snapshot, Tick } from '../telemetry/wire.ts';
import { breakerEvent, breakerReport, moment, outcomeCounts, speaker } from './breaker-shapes.ts';

const count = z.int().min(0);
const durationMs = z.number().min(0);

/** One fault. */
export const faultView = z.object({
  name: z.string(),
  type: z.enum(['error', 'latency', 'hang', 'reset', 'crash', 'unready']),
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

const faultEvent = z.object({
  event: z.literal('fault'),
  ...speaker,
  id: z.string(),
  line: z.string(),
  at: moment,
  change: z.enum(['on', 'changed', 'off']),
  reason: z.enum(['deleted', 'expired', 'used-up']).nullable(),
  fault: faultView,
}) satisfies z.ZodType<FaultChange>;

/** A message with an id: it is replayed after a gap. */
export const streamEntry = z.discriminatedUnion('event', [...breakerEvent.options, faultEvent]);

const documentStep = z.object({
  at: moment,
  id: z.string(),
  parent: z.string().nullable(),
  step: z.enum(['answered', 'handed-on']),
  by: z.enum(['request', 'relay']),
  status: z.string(),
  httpStatus: z.int().nullable(),
  ms: durationMs,
  next: z.object({ name: z.string(), outcome: z.string() }).nullable(),
  reason: z.string().nullable(),
  retryAt: moment.nullable(),
  hops: z.array(z.looseObject({ service: z.string(), status: z.string(), ms: z.number() })).nullable(),
}) satisfies z.ZodType<DocumentStep>;

/** A step as a message of its own. */
export const stepMessage = documentStep
  .extend(speaker)
  .describe(
    'Where a document stands after one step; without an id, since there are too many to be replayed.',
  );

const serviceStatus = z.object({
  ...speaker,
  at: moment,
  version: z.string(),
  startedAt: moment,
  ready: z.boolean(),
  phase: z.enum(['starting', 'serving', 'stopping']),
  database: z.string(),
  databaseMs: durationMs.nullable(),
  requests: z.object({ perSecond: z.number(), active: count }),
  relay: z.object({ pending: count, oldestMs: durationMs }).nullable(),
  lateWork: count,
  faults: z.array(faultView),
  breakers: z.array(breakerReport),
  lately: z.record(
    z.string(),
    z.object({ counts: outcomeCounts, p50Ms: durationMs.nullable(), p99Ms: durationMs.nullable() }),
  ),
}) satisfies z.ZodType<ServiceStatus>;

/** The first message. */
export const snapshot = serviceStatus
  .extend({
    lastId: z.string(),
    gap: z.boolean().describe('Some of what happened since the last id is lost.'),
    history: z.array(streamEntry).max(100),
    documents: z.array(documentStep).max(50),
  })
  .describe('The first message of GET /events.') satisfies z.ZodType<Snapshot>;

/** Four a second. */
export const tick = serviceStatus
  .extend({ skipped: count.describe('Steps of documents that were not sent one by one.') })
  .describe('How the service is, four times a second.') satisfies z.ZodType<Tick>;
