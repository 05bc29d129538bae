/**
 * Describes the operations on breakers, the policy, events and, with LAB=1, faults.
 */
import type { ErrorCode } from '../core/errors.ts';
import { json, operation, type Paths, type Piece, parameter, problems, ref, text } from './responses.ts';

const breaker = parameter('name', 'path', 'The name of the breaker, URL-encoded: the arrow is %E2%86%92.', {
  type: 'string',
  examples: ['this-service→next-service'],
});

/** Why a change may be refused. */
const refusals: readonly ErrorCode[] = [
  'unreadable',
  'unauthorized',
  'forbidden',
  'too-large',
  'unsupported-media-type',
  'invalid',
];

/** Describes breakers and events; with `controls` also what changes them. `step` is the name of a document's step. */
export function describeControls({ controls, step }: { controls: boolean; step: string }): Paths {
  return {
    '/breakers': {
      get: operation('breakers', 'breakers', 'How every breaker stands, why, and when it will probe', {
        200: json('Looking changes nothing.', ref('Breakers')),
        ...problems(['overloaded']),
      }),
    },
    '/breakers/{name}': {
      get: {
        ...operation('breaker', 'breakers', 'How one breaker stands', {
          200: json('Looking changes nothing.', ref('Breaker')),
          ...problems(['unreadable', 'not-found', 'overloaded']),
        }),
        parameters: [breaker],
      },
      ...(controls ? { patch: describeChange() } : {}),
    },
    '/breakers/{name}/events': {
      get: {
        ...operation('breakerEvents', 'breakers', 'What happened to one breaker', {
          200: json('The oldest first.', ref('BreakerEvents')),
          ...problems(['unreadable', 'not-found', 'overloaded']),
        }),
        parameters: [breaker],
      },
    },
    '/policy': {
      get: operation('policy', 'breakers', 'All settings of the way to the next hop', {
        200: json('Looking changes nothing.', ref('Policy')),
        ...problems(['not-found', 'overloaded']),
      }),
      ...(controls ? { patch: describePolicyChange() } : {}),
    },
    ...(controls ? describeFaults() : {}),
    '/events': { get: describeStream(step) },
  };
}

function describeChange(): Piece {
  return control({
    ...operation('changeBreaker', 'breakers', 'Holds a breaker open, lets it go, or changes its settings', {
      200: json('The breaker as it is now, and which settings differ.', ref('BreakerChanged')),
      ...problems([...refusals, 'not-found']),
    }),
    description: 'Nothing is changed when any part of the change is not legal.',
    parameters: [breaker],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: ref('BreakerChange'),
          examples: {
            open: { summary: 'Hold it open for half a minute', value: { force: 'open', ttlMs: 30_000 } },
            release: { summary: 'Let it go', value: { force: null } },
            settings: { summary: 'Open later', value: { settings: { thresholdRatio: 0.8, minCalls: 20 } } },
            shadow: { summary: 'Only try it', value: { shadow: { thresholdRatio: 0.8 } } },
          },
        },
      },
    },
  });
}

function describePolicyChange(): Piece {
  return control({
    ...operation('changePolicy', 'breakers', 'Changes settings of the way to the next hop while it runs', {
      200: json('The policy as it is now, and which settings differ.', ref('PolicyChanged')),
      ...problems([...refusals, 'not-found']),
    }),
    description: [
      'Nothing is changed when any part of the change is not legal.',
      'Calls under way keep what they began with; the breakers of all instances, and of those to come, get the settings.',
      'A restart returns to the settings of the start.',
    ].join(' '),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: ref('PolicyChange'),
          examples: {
            retries: {
              summary: 'One attempt more, and a larger budget',
              value: { policy: { attempts: 3, budget: { ratio: 0.5 } } },
            },
            breaker: { summary: 'Probe sooner', value: { policy: { breaker: { openMs: 5000 } } } },
          },
        },
      },
    },
  });
}

function describeFaults(): Paths {
  const name = parameter('name', 'path', 'The name of the fault.', {
    type: 'string',
    pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
    examples: ['down'],
  });
  const notAllowed: readonly ErrorCode[] = ['unauthorized', 'forbidden'];
  return {
    '/faults': {
      get: control(
        operation('faults', 'faults', 'The failures that are asked for, with their hits', {
          200: json('Those that are on.', ref('Faults')),
          ...problems([...notAllowed, 'overloaded']),
        }),
      ),
      delete: control(
        operation('endFaults', 'faults', 'Ends every fault', {
          200: json('How many there were.', {
            type: 'object',
            properties: { deleted: { type: 'integer', minimum: 0 } },
            required: ['deleted'],
            additionalProperties: false,
          }),
          ...problems(notAllowed),
        }),
      ),
    },
    '/faults/{name}': {
      put: control({
        ...operation('putFault', 'faults', 'Asks for a failure, or changes one', {
          200: json('It was there, and begins anew.', ref('Fault')),
          201: json('It is on.', ref('Fault')),
          ...problems(refusals),
        }),
        description: 'Faults are over by themselves, are counted, and spare probes, metrics and controls.',
        parameters: [name],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: ref('FaultChange'),
              examples: {
                down: { value: { type: 'error', status: 503 } },
                slow: { value: { type: 'latency', ms: 3000, jitterMs: 500 } },
                flaky: { value: { type: 'error', phase: 'after', rate: 0.6, ttlMs: 30_000 } },
                once: { value: { type: 'crash', times: 1 } },
              },
            },
          },
        },
      }),
      delete: control({
        ...operation('endFault', 'faults', 'Ends one fault', {
          204: { description: 'It is over.' },
          ...problems([...notAllowed, 'unreadable', 'not-found']),
        }),
        parameters: [name],
      }),
    },
  };
}

function describeStream(step: string): Piece {
  return {
    ...operation('events', 'events', 'What happens, as it happens (server-sent events)', {
      200: text(
        [
          'First `snapshot` (Snapshot), then what came after `Last-Event-ID`, then each event as it happens:',
          `\`transition\`, \`rejections\`, \`configured\`, \`policy\`, \`fault\` (StreamEntry, with an id), \`${step}\``,
          '(DocumentStep), `tick` (Tick, four a second) and `heartbeat` (every two seconds). With `calls=1` also',
          '`calls`, four a second: every call through a breaker that ended, at most 1,000, and how many more there were.',
        ].join(' '),
        'text/event-stream',
      ),
      ...problems(['overloaded']),
    }),
    parameters: [
      parameter('Last-Event-ID', 'header', 'The newest id that the listener has seen.', { type: 'string' }),
      parameter('lastEventId', 'query', 'The same, for a listener that cannot send headers.', {
        type: 'string',
      }),
      parameter('calls', 'query', '1 tells every single call to the next hop, too.', {
        type: 'string',
        enum: ['1'],
      }),
    ],
  };
}

/** Marks an operation that may need a token. */
export function control(piece: Piece): Piece {
  return { ...piece, security: [{}, { labToken: [] }] };
}
