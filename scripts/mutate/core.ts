/**
 * The mutated modules: the core of durability and resilience. They are found by file name in any folder of shared/src,
 * so that a moved file is still mutated; a unit test fails when a name matches none or several.
 */

/** The modules of the core, each with the name of its file. */
export const coreModules = [
  // delivery: a document from creation to its final state
  ...['answers', 'create-request', 'deliver', 'hop', 'retry-plan', 'propagated-headers', 'relay'],
  ...['unsettled', 'group-client', 'group-format'],
  // records: stored documents and their transitions
  ...['group-commit', 'mongo-fault', 'mongo-leases', 'mongo-records', 'record', 'storable', 'transitions'],
  'record-writes',
  // resilience: calls to the next hop
  ...['breaker', 'breaker-call', 'call-stats', 'breaker-rejections', 'breaker-settings', 'breaker-state'],
  ...['breaker-override', 'opening-rules', 'opossum-machine', 'probing', 'state-machine'],
  ...[
    'breaker-view',
    'breaker-window',
    'budget',
    'bulkhead',
    'retry',
    'retry-wait',
    'retry-after',
    'balancer',
    'instances',
    'addresses',
    'event-bus',
    'json-pointer',
  ],
  ...[
    'deadline',
    'pipeline',
    'policy-settings',
    'forward',
    'neighbour-answer',
    'http-client',
    'connections',
    'exchange',
    'shadow',
  ],
];

/** The glob that finds one module. */
export function toGlob(module: string): string {
  return `shared/src/**/${module}.ts`;
}

/** The component tests of the core; the others test views, logs and settings, with long waits. */
export const aboutCore = [
  'order/test/component/chain.test.ts',
  ...[
    'a-document-may-end-early',
    'answer-then-flush',
    'between-hops',
    'bounds',
    'deliver',
    'front-door',
    'groups',
    'ids-of-parts',
    'leaving',
    'not-its-health',
    'stored-is-answered',
  ].map((name) => `shared/test/component/${name}.test.ts`),
];

/** The score that a run must reach: killed mutants as a share of all valid ones, in percent. */
export const leastScore = 85;
