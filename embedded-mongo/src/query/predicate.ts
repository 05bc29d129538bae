/**
 * The parsed form of a filter: what the matcher evaluates and the planner reads.
 * `parse-filter.ts` makes it, `match.ts` runs it, `plan.ts` finds indexes for it.
 */
import type { FieldPath } from '../bson/path.ts';
import type { RawValue } from '../bson/raw.ts';
import type { Pattern } from './regex.ts';

/** A comparison with one value; `key` is its order key, `tag` its class of types. */
export interface Comparison {
  readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte';
  readonly value: RawValue;
  readonly key: Buffer;
  readonly tag: number;
}

/** A condition on the value of one field. */
export type Predicate =
  | Comparison
  | {
      readonly op: 'in';
      readonly values: readonly Comparison[];
      readonly keys: ReadonlySet<string>;
      readonly regexes: readonly Pattern[];
    }
  | { readonly op: 'exists' }
  | { readonly op: 'type'; readonly types: ReadonlySet<number> }
  | { readonly op: 'regex'; readonly regex: Pattern }
  | { readonly op: 'mod'; readonly divisor: bigint; readonly remainder: bigint }
  | { readonly op: 'size'; readonly size: number }
  | { readonly op: 'elemMatchObject'; readonly filter: Filter }
  | { readonly op: 'elemMatchValue'; readonly predicates: readonly (Predicate | NotPredicate)[] }
  | NotPredicate;

/** True when the field's value fails all of the predicates together. */
export interface NotPredicate {
  readonly op: 'not';
  readonly predicates: readonly Predicate[];
}

/** A filter, as a tree. */
export type Filter =
  | { readonly kind: 'and' | 'or' | 'nor'; readonly filters: readonly Filter[] }
  | { readonly kind: 'field'; readonly path: FieldPath; readonly predicate: Predicate }
  | { readonly kind: 'expression'; readonly test: (document: Buffer, start: number) => boolean };
