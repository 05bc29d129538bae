/** The forms of which the schema of an experiment is made, each with the sentence for what is none. */
import { z } from 'zod';

/** What a number may be; both ends belong to it. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly isInteger?: boolean;
}

/** Says that something must be an object; zod names unknown members itself. */
export const isObject = {
  error: ({ code }: { code?: string }) => (code === 'invalid_type' ? 'Must be an object.' : undefined),
};
/** Says that something must be a list. */
export const isList = { error: 'Must be a list with at least one entry.' };
/** Milliseconds up to an hour. */
export const ms = { min: 0, max: 3_600_000 };
/** A number within a range. */
export function number({ min, max, isInteger = false }: Range): z.ZodNumber {
  const error = `Must be a ${isInteger ? 'whole ' : ''}number from ${min} to ${max}.`;
  const schema = z.number({ error }).min(min, error).max(max, error);
  return isInteger ? schema.int(error) : schema;
}

/** Text that is not empty. */
export function text({ max }: { readonly max: number }): z.ZodString {
  const error = `Must be text of 1 to ${max} characters.`;
  return z.string({ error }).min(1, error).max(max, error);
}

/** A member that may be absent or `null`; `about` says what `null` means. */
export function orNull<S extends z.ZodType>(schema: S, about: string) {
  return schema.nullable().optional().describe(about);
}

/** The sentence that ends the meaning of a member. */
export function toDefault(value: unknown): string {
  return `Default ${JSON.stringify(value)}.`;
}
