/**
 * The schemas of a service's answers, for openapi.json. Requests are checked by the resource's own schema; tests check
 * answers against these.
 *
 * Each satisfies its type: a field that an answer gains or loses does not compile here.
 */
import { z } from 'zod';
import type { FieldError } from '../core/errors.ts';
import { type Problem, problemPages, problemType } from '../core/problem.ts';
import { toStatus } from '../delivery/answers.ts';
import type { HopSummary } from '../delivery/neighbour-answer.ts';
import { type State, states } from '../delivery/record.ts';
import type { Readiness } from '../observability/health.ts';

/** A time as text. */
export const time = z.iso.datetime();

const fieldError: z.ZodType<FieldError> = z.object({
  pointer: z.string().describe('JSON Pointer (RFC 6901) into the content; empty for the whole of it.'),
  detail: z.string(),
});

const codes = Object.keys(problemPages) as (keyof typeof problemPages)[];

const problemFields = {
  type: z
    .enum(codes.map(problemType))
    .describe('The address of a page about this problem; its last part is the code.'),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().describe('What happened, in a sentence.'),
  saved: z
    .boolean()
    .nullable()
    .describe('Whether the document is kept; null is unknown, and repeating with the same id is safe.'),
  final: z.literal(true).optional().describe('Repeating can never help.'),
  errors: z.array(fieldError).optional(),
  id: z.string().optional().describe('The document, when it is kept.'),
} satisfies Record<keyof Problem | 'id', z.ZodType>;

/** A problem (RFC 9457), as it is answered. */
export const problem = z
  .object({ ...problemFields, service: z.string(), requestId: z.string() })
  .describe('A problem (RFC 9457).');

const hop: z.ZodType<HopSummary> = z
  .looseObject({ service: z.string(), status: z.string(), ms: z.number().min(0) })
  .describe(
    'What one hop did, and how many ms it took from when the hop before it began to store the document.',
  );

const status = (...only: State[]) =>
  z.enum((only.length > 0 ? only : states).map(toStatus) as [string, ...string[]]);

/** 200 to a create. */
export const completed = z
  .object({
    id: z.string(),
    status: status('completed'),
    message: z.string().describe('The way through the chain, in words.'),
    doneAt: time
      .optional()
      .describe('When the last hop stored its part. Absent in what older snapshots stored.'),
    hops: z.array(hop),
  })
  .describe('Kept here, and done by every hop behind.');

/** 202 to a create. */
export const pending = z
  .object({
    id: z.string(),
    status: status('accepted'),
    pendingAt: z.string().describe('The next hop, which has not finished.'),
    reason: z.string().describe('Why it is not finished, in words.'),
  })
  .describe('Kept here and carried on by itself; nobody has to repeat it.');

const ledgerEntry = z
  .object({ t: z.enum(['charge', 'capture', 'refund']), amount: z.number(), at: time })
  .describe('One movement of money.');

/** A document as it can be read back; `content` is the schema of what was sent. */
export function viewOf(content: z.ZodType) {
  const unchecked = z.looseObject({ id: z.string() }).describe('Content that was rejected.');
  return z.object({
    id: z.string(),
    key: z.string().optional().describe('Under which it is kept, where another document has its id.'),
    parent: z.string().optional().describe('The key of the document that this one is a part of.'),
    status: status(),
    acceptedAt: time,
    doneAt: time.optional(),
    repeats: z.int().min(0).describe('How often the same create came again.'),
    message: z.string().optional(),
    hops: z.array(hop).optional(),
    problem: z.object(problemFields).optional().describe('Why it came to nothing.'),
    attempts: z.int().min(0).optional().describe('Attempts to hand it on, since it last came under way.'),
    failures: z.int().min(0).optional(),
    nextTryAt: time
      .nullable()
      .optional()
      .describe('While it is held, when the lease ends; null when an operator must put it back.'),
    heldBy: z.string().nullable().optional().describe('The instance that is handing it on now.'),
    endedHolders: z
      .int()
      .min(1)
      .optional()
      .describe('Processes that ended while they held it, since one last reported.'),
    lastError: z.string().nullable().optional(),
    ledger: z.array(ledgerEntry).optional(),
    document: z.union([content, unchecked]).describe('As it was sent.'),
  });
}

/** `GET /livez`. */
export const alive = z.object({ status: z.literal('alive') });

/** `GET /readyz`. */
export const readiness = z.object({
  status: z.enum(['ready', 'unready']),
  phase: z.enum(['starting', 'serving', 'stopping']),
  database: z.string().describe('`ok`, or why it cannot be used.'),
  fault: z.string().optional().describe('The fault that holds it unready.'),
  pending: z.int().min(0).optional().describe('Documents that still owe something; with `verbose`.'),
  oldestMs: z.int().min(0).optional().describe('How long the oldest of them has been kept.'),
  next: z
    .object({
      name: z.string(),
      instances: z.array(z.string()).describe('Where its instances are.'),
      problems: z.array(z.string()).describe('Why they may not be all, in sentences.'),
    })
    .optional()
    .describe('The next hop as it is known here; with `verbose`.'),
  finishedTooLate: z.int().min(0).optional().describe('Requests finished after their caller had left.'),
}) satisfies z.ZodType<Omit<Readiness, 'ready' | 'fault'>>;

/** `GET /version`. */
export const version = z.object({
  service: z.string(),
  instance: z.string().describe('Tells the instances of one service apart.'),
  release: z.string().describe('Which release it belongs to.'),
  version: z.string(),
  commit: z.string().describe('What it was built from.'),
  node: z.string(),
});
