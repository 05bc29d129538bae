/**
 * The schema of a fault: meaning, unit, range and default of every member, and the check that enforces them.
 *
 * The description in openapi.json is generated from it. A member that does not apply to the fault's type is rejected,
 * because it is a mistake.
 */
import { z } from 'zod';
import { type FieldError, InvalidError } from '../core/errors.ts';
import { toPointer } from '../resilience/json-pointer.ts';
import { type FaultType, type FaultView, faultTypes } from './fault-events.ts';
import { faultDelayMs, faultStatus, faultTtlMs } from './fault-ranges.ts';

/** A requested fault, with its defaults. */
export interface FaultSpec
  extends Omit<FaultView, 'name' | 'seen' | 'hits' | 'since' | 'expiresAt' | 'leftMs'> {
  /** Milliseconds until it expires; `null` is until the process ends. */
  readonly ttlMs: number | null;
}

/** The form of `match`: an id of a document, with `*` for anything. */
const faultMatch = /^[A-Za-z0-9._:*-]{1,64}$/;

/** The name of a fault, as in the path. */
export const faultName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,39}$/,
    'Must be 1 to 40 small letters, digits or dashes, and begin with no dash.',
  );

const ending = {
  ttlMs: integer(faultTtlMs)
    .default(faultTtlMs.fallback)
    .describe('Milliseconds until it is over by itself.'),
};
const targeting = {
  phase: z
    .enum(['before', 'after'], { error: 'Must be before or after.' })
    .default('before')
    .describe('Before or after the document is kept; reads know only "before".'),
  rate: z
    .number({ error: 'Must be a number above 0, at most 1.' })
    .gt(0, 'Must be a number above 0, at most 1.')
    .max(1, 'Must be a number above 0, at most 1.')
    .default(1)
    .describe('Share of the matching requests that it hits.'),
  match: z
    .string({ error: 'Must be text.' })
    .regex(faultMatch, 'Must be 1 to 64 letters, digits, dots, underscores, colons, dashes or asterisks.')
    .nullable()
    .default(null)
    .describe('Only documents whose id matches, with * for anything; all when null.'),
  times: integer({ min: 1, max: 1_000_000 })
    .nullable()
    .default(null)
    .describe('Hits after which it is over; without limit when null.'),
  seed: integer({ min: 0, max: 4_294_967_295 })
    .nullable()
    .default(null)
    .describe('Makes the same requests meet the same hits.'),
};

const typesInWords = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(faultTypes);

/** The body of `PUT /faults/:name`. */
export const faultSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('error').describe('Answers a problem.'),
      status: integer(faultStatus).default(faultStatus.fallback).describe('Status of the answer.'),
      ...targeting,
      ...ending,
    }),
    z.strictObject({
      type: z.literal('latency').describe('Waits, then goes on.'),
      ms: integer(faultDelayMs).default(faultDelayMs.fallback).describe('How long, in milliseconds.'),
      jitterMs: integer({ min: 0, max: faultDelayMs.max })
        .default(0)
        .describe('By how much the delay varies to either side.'),
      ...targeting,
      ...ending,
    }),
    z.strictObject({
      type: z
        .enum(['hang', 'reset', 'crash'])
        .describe('Never answers; resets the connection; ends the process.'),
      ...targeting,
      ...ending,
    }),
    z.strictObject({ type: z.literal('unready').describe('/readyz answers 503.'), ...ending }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union' ? `Must be ${typesInWords}.` : 'Must be an object with a type.',
  },
);

const knownMembers = new Set(faultSchema.options.flatMap((option) => Object.keys(option.shape)));
const unusedDefaults = {
  phase: 'before',
  rate: 1,
  status: faultStatus.fallback,
  ms: faultDelayMs.fallback,
  jitterMs: 0,
  match: null,
  times: null,
  seed: null,
} as const;

/**
 * Validates a requested fault, with the name that it is to get, and fills in the defaults.
 * @throws {InvalidError} when the name or a member is invalid; it names all that are.
 */
export function parseNamedFault(name: string, body: unknown): FaultSpec {
  const named = faultName.safeParse(name);
  if (named.success) return parseFault(body);
  const errors = [{ pointer: '/name', detail: `${named.error.issues[0]?.message}` }];
  const parsed = faultSchema.safeParse(body);
  throw toInvalid(parsed.success ? errors : [...errors, ...listErrors(parsed.error, body)]);
}

/**
 * Validates a requested fault and fills in the defaults.
 * @throws {InvalidError} when a member is unknown, out of its range, or does not apply to the type; it names them all.
 */
export function parseFault(body: unknown): FaultSpec {
  const parsed = faultSchema.safeParse(body);
  if (parsed.success) return { ...unusedDefaults, ...parsed.data };
  throw toInvalid(listErrors(parsed.error, body));
}

/** One error for each member, the first that was found. */
function listErrors({ issues }: z.core.$ZodError, body: unknown): FieldError[] {
  const errors = new Map<string, string>();
  for (const { pointer, detail } of issues.flatMap((issue) => toFieldErrors(issue, body))) {
    if (!errors.has(pointer)) errors.set(pointer, detail);
  }
  return [...errors].map(([pointer, detail]) => ({ pointer, detail }));
}

function toFieldErrors(issue: z.core.$ZodIssue, body: unknown): FieldError[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ pointer: toPointer(issue.path), detail: issue.message }];
  }
  const { type } = body as { type: FaultType };
  return issue.keys.map((key) => ({
    pointer: toPointer([key]),
    detail: knownMembers.has(key)
      ? `Does not belong to a fault of type "${type}".`
      : 'Is no member of a fault.',
  }));
}

function toInvalid(errors: readonly FieldError[]): InvalidError {
  const [first] = errors;
  const place = first?.pointer === '' ? '' : ` at "${first?.pointer}"`;
  const more = errors.length > 1 ? ` and ${errors.length - 1} more` : '';
  return new InvalidError(`The fault is invalid${place}${more}: ${first?.detail}`, errors);
}

function integer({ min, max }: { min: number; max: number }) {
  const error = `Must be a whole number from ${min} to ${max}.`;
  return z.int({ error }).min(min, error).max(max, error);
}
