/**
 * How a service shows its breakers and what happens in it, and, with LAB=1, how it is changed from outside.
 */
import type { ErrorCode } from '../errors.ts';
import { operation, parameter } from './operations.ts';
import { json, type Paths, type Piece, problems, ref, text } from './responses.ts';

const breaker = parameter('name', 'path', 'The name of the breaker, URL-encoded: the arrow is %E2%86%92.', {
  type: 'string',
  examples: ['this-service→next-service'],
});

/** Who may not change anything, and what cannot be read. */
const turnedAway: readonly ErrorCode[] = [
  'unreadable',
  'unauthorized',
  'forbidden',
  'too-large',
  'unsupported-media-type',
  'invalid',
];

/** Describes what shows breakers and events; with `controls` also what changes them. `step` is what a step of a document is called. */
export function describeControls({ controls, step }: { controls: boolean; step: string }): Paths {
  return {
    '/breakers': {
      get: operation('breakers', 'breakers', 'How every breaker stands, why, and when it will probe', {
        200: json('Looking changes nothing.', ref('Breakers')),
      }),
    },
    '/breakers/{name}': {
      get: {
        ...operation('breaker', 'breakers', 'How one breaker stands', {
          200: json('Looking changes nothing.', ref('Breaker')),
          ...problems(['unreadable', 'not-found']),
        }),
        parameters: [breaker],
      },
      ...(controls ? { patch: describeChange() } : {}),
    },
    '/breakers/{name}/events': {
      get: {
        ...operation('breakerEvents', 'breakers', 'What happened to one breaker', {
          200: json('The oldest first.', ref('BreakerEvents')),
          ...problems(['unreadable', 'not-found']),
        }),
        parameters: [breaker],
      },
    },
    '/events': { get: describeStream(step) },
    '/metrics': {
      get: operation('metrics', 'service', 'Numbers for Prometheus', {
        200: text('Prometheus text format.', 'text/plain'),
        ...problems(['internal']),
      }),
    },
  };
}

function describeChange(): Piece {
  return control({
    ...operation('changeBreaker', 'breakers', 'Holds a breaker open, lets it go, or changes its settings', {
      200: json('The breaker as it is now, and which settings differ.', ref('BreakerChanged')),
      ...problems([...turnedAway, 'not-found']),
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

function describeStream(step: string): Piece {
  return {
    ...operation('events', 'events', 'What happens, as it happens (server-sent events)', {
      200: text(
        [
          'First `snapshot` (Snapshot), then what came after `Last-Event-ID`, then each event as it happens:',
          `\`transition\`, \`rejections\`, \`configured\`, \`fault\` (StreamEntry, with an id), \`${step}\``,
          '(DocumentStep), `tick` (Tick, four a second) and `heartbeat` (every two seconds).',
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
    ],
  };
}

/** Marks an operation as one that may need a token. */
export function control(piece: Piece): Piece {
  return { ...piece, security: [{}, { labToken: [] }] };
}
