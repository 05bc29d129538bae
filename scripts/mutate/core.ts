/**
 * What is mutated: the modules that keep the promise. They are found by name, in whichever folder of shared/src they
 * are, so that a file that moves is still mutated; a unit test says when a name finds none, or more than one.
 */

/** The modules of the core, each with the name of its file. */
export const coreModules = [
  // delivery: what happens to a document until it is final
  ...['answers', 'create-request', 'deliver', 'hop', 'retry-plan', 'propagated-headers', 'relay'],
  // records: what is kept, and what may become of it
  ...['group-commit', 'mongo-fault', 'mongo-leases', 'mongo-records', 'record', 'storable', 'transitions'],
  'record-writes',
  // resilience: what stands before the next hop
  ...['breaker', 'breaker-call', 'call-stats', 'breaker-rejections', 'breaker-settings', 'breaker-state'],
  ...['breaker-override', 'opening-rules', 'opossum-machine', 'probing', 'state-machine'],
  ...[
    'breaker-view',
    'breaker-window',
    'budget',
    'bulkhead',
    'retry',
    'retry-after',
    'balancer',
    'instances',
    'addresses',
    'event-bus',
    'json-pointer',
  ],
  ...['deadline', 'pipeline', 'forward', 'neighbour-answer', 'http-client', 'shadow'],
];

/** The glob that finds one module. */
export function toGlob(module: string): string {
  return `shared/src/**/${module}.ts`;
}

/** The components that look at the core; the others look at what it shows, tells and is told, through long waits. */
export const aboutCore = [
  'order/test/component/chain.test.ts',
  ...[
    'a-document-may-end-early',
    'between-hops',
    'bounds',
    'deliver',
    'front-door',
    'ids-of-parts',
    'leaving',
    'not-its-health',
    'stored-is-answered',
  ].map((name) => `shared/test/component/${name}.test.ts`),
];

/** The score that a run must reach: killed mutants as a share of all that could be told apart, in percent. */
export const leastScore = 85;
