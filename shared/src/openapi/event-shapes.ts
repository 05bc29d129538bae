/**
 * The schemas of `GET /events`: the `data` of each kind of message.
 */
import { z } from 'zod';
import type { DocumentStep, SentAttempt } from '../observability/events.ts';
import type { ServiceStatus, Snapshot, StepsAnswer, Tick } from '../observability/wire.ts';
import { breakerReport, count, durationMs, identity, moment, outcomeCounts } from './breaker-shapes.ts';
import { faultView, streamEntry } from './logged-event-shapes.ts';

const sentAttempt = z.object({
  at: moment,
  ms: durationMs,
  url: z.string().describe('The address of the instance.'),
  outcome: z.string(),
  httpStatus: z.int().optional(),
  probe: z.literal(true).optional().describe('It decided whether a breaker closes.'),
}) satisfies z.ZodType<SentAttempt>;

const documentStep = z.object({
  at: moment,
  id: z.string(),
  parent: z.string().nullable(),
  step: z.enum(['answered', 'handed-on']),
  by: z.enum(['request', 'relay']),
  status: z.string(),
  httpStatus: z.int().nullable(),
  ms: durationMs,
  next: z
    .object({
      name: z.string(),
      outcome: z.string(),
      httpStatus: z
        .int()
        .optional()
        .describe('What the next hop answered when that is why it is not finished.'),
    })
    .nullable(),
  reason: z.string().nullable(),
  retryAt: moment.nullable(),
  hops: z.array(z.looseObject({ service: z.string(), status: z.string(), ms: z.number() })).nullable(),
  attempts: z
    .array(sentAttempt)
    .optional()
    .describe('Of `handed-on`: the attempts that were sent; absent when none was.'),
  tookOver: z
    .object({ from: z.string().nullable(), ended: count })
    .optional()
    .describe(
      'Of `handed-on`: whose lease ran out before it, and how many processes ended while they held it.',
    ),
}) satisfies z.ZodType<DocumentStep>;

/** A step as a message of its own. */
export const stepMessage = documentStep
  .extend(identity)
  .describe(
    'Where a document stands after one step; without an id, since there are too many to be replayed.',
  );

const serviceStatus = z.object({
  ...identity,
  at: moment,
  version: z.string(),
  startedAt: moment,
  ready: z.boolean(),
  phase: z.enum(['starting', 'serving', 'stopping']),
  database: z.string(),
  databaseMs: durationMs.nullable(),
  requests: z.object({ perSecond: z.number(), active: count }),
  relay: z.object({ pending: count, oldestMs: durationMs }).nullable(),
  ledger: z
    .object({
      completed: count,
      cancelled: count,
      refunded: count,
      rejected: count,
      pending: count,
      dead: count,
    })
    .nullable()
    .describe('Documents that are kept, by state, of all instances together.'),
  lateWork: count,
  faults: z.array(faultView),
  breakers: z.array(breakerReport),
  lately: z.record(
    z.string(),
    z.object({
      counts: outcomeCounts,
      relay: count.describe('How many of those that succeeded, failed or timed out the relay made.'),
      relayTotal: count.describe('The same of all calls since the breaker was created.'),
      p50Ms: durationMs.nullable(),
      p99Ms: durationMs.nullable(),
    }),
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

/** Sent four times a second. */
export const tick = serviceStatus
  .extend({ skipped: count.describe('Steps of documents that were not sent one by one.') })
  .describe('How the service is, four times a second.') satisfies z.ZodType<Tick>;

/** `GET /<plural>/:id/steps`. */
export const stepsAnswer = z
  .object({ ...identity, at: moment, id: z.string(), steps: z.array(documentStep) })
  .describe('What this instance remembers of one document.') satisfies z.ZodType<StepsAnswer>;
