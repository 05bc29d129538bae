/**
 * The protocol's rules as switches: each names a rule that is broken on purpose, to see the checker notice.
 */

/** `none` is the protocol as it is. */
export const mutations = [
  'none',
  'no-unique-id',
  'pending-is-done',
  'refusal-not-stored',
  'duplicate-after-read',
  'unjournaled-writes',
  'foreign-4xx-is-final',
  'finalize-without-guard',
  'claims-count-as-deaths',
  'nothing-is-swept',
  'answered-before-next',
  'answer-of-the-clock',
  'overlay-not-read',
  'flush-dropped-at-stop',
] as const;

/** A broken rule, or `none`. */
export type Mutation = (typeof mutations)[number];
