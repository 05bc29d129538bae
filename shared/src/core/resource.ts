/**
 * The definition of the kind of document that a service keeps; all else is the same for every hop.
 *
 * A resource is plain data and pure functions: no HTTP, no database, no clock.
 */
import { z } from 'zod';
import { toPointer } from '../resilience/json-pointer.ts';
import { cut, type FieldError, InvalidError } from './errors.ts';
import { findUnstorable } from './storable.ts';

/** Any validated body: an object with the business id. Fields that the schema does not know are stored too. */
export interface Body {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** What the previous services know of a kind of document: its names, and the kind of its part. */
export interface Kind {
  readonly singular: string;
  readonly plural: string;
  readonly child: { readonly pointer: string; readonly kind?: Kind };
}

/** One kind of document, as its service defines it. */
export interface Resource<B extends Body = Body> {
  /** The name of one document in descriptions. */
  readonly singular: string;
  /** The plural, as in the REST name of the create endpoint. */
  readonly plural: string;
  readonly schema: z.ZodType<B>;
  /** A valid body, shown in the documentation. */
  readonly example: B;
  /** The part that is delivered to the next hop. */
  readonly child: {
    /** Its place in the body, as a JSON Pointer. */
    readonly pointer: string;
    /** The part itself; `undefined` when this document has none and is final at this hop. */
    of(body: B): Body | undefined;
    /** The kind of the part at the next hop; absent at the end of the chain. */
    readonly kind?: Kind;
  };
  /** The state after a later hop has finally refused. */
  readonly refusedState: 'cancelled' | 'refunded';
  /** Business reasons to refuse valid content; an empty list accepts it. */
  refuse?(body: B): readonly FieldError[];
  /** The amount for the ledger; absent when the document moves no money. */
  amount?(body: B): number;
}

/** The kinds of document at the following hops, the nearest first: each definition knows only the next. */
export function descendantKinds({ child: { kind } }: Pick<Kind, 'child'>): readonly Kind[] {
  return kind === undefined ? [] : [kind, ...descendantKinds(kind)];
}

const idForm = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,64}$/;

/** The idempotency key: ASCII only, since BSON stores every lone surrogate as the same character. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'Must be 1 to 64 letters, digits, dots, underscores, colons or dashes.')
  .regex(/^(?!\.{1,2}$)/, 'Must not be "." or "..": no address can name them.');

/**
 * Checks untrusted content against a resource's schema.
 *
 * The body is returned as it was sent, so that unknown fields are stored too.
 * @throws {InvalidError} when content cannot be stored or does not match the schema; it names every field.
 */
export function parseBody<B extends Body>(resource: Resource<B>, content: unknown): B {
  const unstorable = findUnstorable(content);
  if (unstorable.length > 0) throw toInvalidError(unstorable);
  const parsed = resource.schema.safeParse(content);
  if (parsed.success) return content as B;
  throw toInvalidError(parsed.error.issues.map(toFieldError));
}

/** Whether invalid content has an id under which its refusal can be stored. */
export function hasId(content: unknown): content is Body {
  return typeof content === 'object' && content !== null && 'id' in content && isId(content.id);
}

/** Whether `value` is an id; as `id` has it, without the words. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && idForm.test(value);
}

/** What a schema found wrong in one place. */
export function toFieldError(issue: z.core.$ZodIssue): FieldError {
  return {
    pointer: toPointer(issue.path),
    detail: issue.message,
  };
}

function toInvalidError(errors: FieldError[]): InvalidError {
  const [first] = errors;
  const more = errors.length > 1 ? ` and ${errors.length - 1} more` : '';
  return new InvalidError(
    `The content is invalid at "${cut(first?.pointer ?? '', 100)}"${more}: ${first?.detail}`,
    errors,
  );
}
