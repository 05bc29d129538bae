/**
 * What every service of a chain can be asked, whatever it keeps: one entry for each path and method of service.ts.
 *
 * The words for the documents come from the noun. The controls are in control-operations.ts.
 */
import { maxBodyBytes } from '../json-body.ts';
import type { Noun } from '../noun.ts';
import { json, type Paths, type Piece, problems, ref, text } from './responses.ts';

/** Names of schemas that depend on the noun. */
export function schemaNames({ singular }: Pick<Noun, 'singular'>): { content: string; view: string } {
  const word = `${singular.charAt(0).toUpperCase()}${singular.slice(1)}`;
  return { content: word, view: `Kept${word}` };
}

/** Describes the paths that work without LAB=1. */
export function describePaths(noun: Noun): Paths {
  const { view } = schemaNames(noun);
  const { singular, plural } = noun;
  const away = problems(['internal', 'store-unavailable']);

  return {
    '/': { get: operation('greet', 'service', 'A greeting', { 200: text('Hello.', 'text/plain') }) },
    '/create': { post: describeCreate('create', noun) },
    [`/${plural}`]: {
      get: {
        ...operation('list', plural, `The ${plural} in one state, the oldest first`, {
          200: json(`At most \`limit\` ${plural}.`, {
            type: 'object',
            properties: { [plural]: { type: 'array', items: ref(view) } },
            required: [plural],
            additionalProperties: false,
          }),
          ...problems(['invalid']),
          ...away,
        }),
        parameters: [
          parameter('status', 'query', 'Which ones.', {
            enum: ['pending', 'completed', 'cancelled', 'refunded', 'rejected', 'dead'],
            default: 'pending',
          }),
          parameter('limit', 'query', 'How many at most.', {
            type: 'integer',
            minimum: 1,
            maximum: 1000,
            default: 20,
          }),
        ],
      },
      post: describeCreate('createByName', noun),
    },
    [`/${plural}/{id}`]: {
      get: {
        ...operation(
          'read',
          plural,
          `One ${singular}: where it stands, how it got there, and what was sent`,
          {
            200: json('It is kept here.', ref(view)),
            ...problems(['unreadable']),
            ...problems(['not-found']),
            ...away,
          },
        ),
        parameters: [parameter('id', 'path', `The id of the ${singular}.`, { type: 'string' })],
      },
    },
    ...describeProbes(),
    '/version': {
      get: operation('version', 'service', 'Which code runs', {
        200: json('Service, instance, version.', ref('Version')),
      }),
    },
    '/problems/{code}': {
      get: {
        ...operation('problem', 'service', 'What a problem means, in a few words', {
          200: text('A short page.', 'text/html'),
          ...problems(['unreadable']),
          ...problems(['not-found']),
        }),
        parameters: [
          parameter('code', 'path', "The last part of a problem's `type`.", {
            type: 'string',
            examples: ['invalid'],
          }),
        ],
      },
    },
    ...describeDescriptions(),
  };
}

function describeCreate(operationId: string, noun: Noun): Piece {
  const { singular, plural, example } = noun;
  const { content } = schemaNames(noun);
  return {
    ...operation(operationId, plural, `Keeps one ${singular} and hands it on`, {
      200: json('Kept, and done by every hop behind.', ref('Completed'), {
        carries: ['X-Request-Id', 'Idempotent-Replayed', 'Fault-Injected'],
      }),
      202: json(
        'Kept, not finished, and carried on by itself. `reason` says why, `Retry-After` when it is tried.',
        ref('Pending'),
        {
          carries: ['X-Request-Id', 'Retry-After', 'Location', 'Fault-Injected'],
        },
      ),
      ...problems(['unreadable', 'conflict', 'too-large', 'unsupported-media-type']),
      ...problems(
        [
          'invalid',
          'refused',
          'internal',
          'injected',
          'overloaded',
          'starting',
          'stopping',
          'store-unavailable',
          'deadline-exceeded',
          'loop',
        ],
        { mayBeKept: true },
      ),
    }),
    description: [
      'Safe to repeat: the same id with the same content is the same request, and brings the same answer.',
      `A body has at most ${maxBodyBytes.toLocaleString('en')} bytes. Fields without a description are kept as they are.`,
    ].join(' '),
    parameters: [
      parameter(
        'Request-Timeout-Ms',
        'header',
        'How long the caller will wait. Never longer than the service itself allows.',
        { type: 'integer', minimum: 0, maximum: 999_999_999 },
      ),
      parameter('X-Request-Id', 'header', 'Names the request in logs, along the whole chain.', {
        type: 'string',
        pattern: '^[A-Za-z0-9._:-]{1,64}$',
      }),
      parameter('traceparent', 'header', 'W3C trace context, passed on.', { type: 'string' }),
      parameter('count', 'query', 'Between hops: the number of the sender. From outside absent or 0.', {
        type: 'integer',
        minimum: 0,
        maximum: 9999,
      }),
      parameter('Chain-Parent', 'header', 'Between hops: the id of the document that hands this one on.', {
        type: 'string',
        pattern: '^[A-Za-z0-9._:-]{1,64}$',
      }),
      parameter('Chain-Retrying', 'header', 'Between hops: the caller tries again by itself.', {
        type: 'string',
        const: '1',
      }),
      parameter('Via', 'header', 'Between hops: the services that the document came through.', {
        type: 'string',
      }),
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: ref(content), examples: { [singular]: { value: example } } },
      },
    },
  };
}

function describeProbes(): Paths {
  return {
    '/livez': {
      get: operation('livez', 'service', 'Whether the process runs', {
        200: json('It runs.', ref('Alive')),
      }),
    },
    '/readyz': {
      get: {
        ...operation('readyz', 'service', 'Whether it should get traffic', {
          200: json('It takes requests.', ref('Readiness')),
          503: withProblem(
            json('It starts, stops, or has no database.', ref('Readiness')),
            problems(['store-unavailable'])[503],
          ),
        }),
        description: 'An open breaker does not count: the service still keeps documents.',
        parameters: [
          {
            ...parameter('verbose', 'query', 'Also counts what is pending.', { type: 'string' }),
            allowEmptyValue: true,
          },
        ],
      },
    },
  };
}

function describeDescriptions(): Paths {
  return {
    '/openapi.json': {
      get: operation('openapi', 'service', 'This description', {
        200: json('OpenAPI 3.1.', { type: 'object' }),
      }),
    },
    '/docs': {
      get: operation('docs', 'service', 'This description as a page, served without the internet', {
        200: text('The page, at docs/.', 'text/html'),
        308: {
          description: 'To docs/, where the page finds its files.',
          headers: { Location: { $ref: '#/components/headers/Location' } },
        },
      }),
    },
    '/docs/{file}': {
      get: {
        ...operation('docsFile', 'service', 'A file of the page', {
          200: {
            description: 'The file.',
            content: Object.fromEntries(
              ['text/css', 'text/javascript', 'image/png'].map((type) => [type, {}]),
            ),
          },
          ...problems(['unreadable']),
          ...problems(['not-found']),
        }),
        parameters: [parameter('file', 'path', 'Its name.', { type: 'string' })],
      },
    },
  };
}

/** Describes one operation. */
export function operation(operationId: string, tag: string, summary: string, responses: Piece): Piece {
  return { operationId, tags: [tag], summary, responses };
}

/** Describes one parameter; one in the path is always required. */
export function parameter(
  name: string,
  where: 'path' | 'query' | 'header',
  description: string,
  schema: Piece,
): Piece {
  return { name, in: where, description, ...(where === 'path' ? { required: true } : {}), schema };
}

/** One status that is sometimes an answer of its own and sometimes a problem. */
function withProblem(own: Piece, problem: Piece | undefined): Piece {
  return {
    ...own,
    content: { ...(own.content as Piece), ...(problem?.content as Piece) },
  };
}
