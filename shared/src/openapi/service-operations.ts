/**
 * Describes the operations that every service has: greeting, health, metrics, version, and this description.
 */
import { json, operation, type Paths, type Piece, parameter, problems, ref, text } from './responses.ts';

/** Describes the paths that every service has. */
export function describeService(): Paths {
  return {
    '/': { get: operation('greet', 'service', 'A greeting', { 200: text('Hello.', 'text/plain') }) },
    ...describeHealth(),
    '/metrics': {
      get: operation('metrics', 'service', 'Numbers for Prometheus', {
        200: text('Prometheus text format.', 'text/plain'),
        ...problems(['internal', 'overloaded']),
      }),
    },
    '/version': {
      get: operation('version', 'service', 'Which code runs', {
        200: json('Service, instance, version.', ref('Version')),
      }),
    },
    '/problems': {
      get: operation('problems', 'service', 'All problems, each with its page', {
        200: text('A page.', 'text/html'),
        ...problems(['overloaded']),
      }),
    },
    '/problems/{code}': {
      get: {
        ...operation('problem', 'service', 'What a problem means, in a few words', {
          200: text('A short page.', 'text/html'),
          ...problems(['unreadable', 'not-found']),
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

function describeHealth(): Paths {
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
            json('It starts, stops, has no database, or a fault holds it.', ref('Readiness'), {
              carries: ['Fault-Injected'],
            }),
            problems(['overloaded', 'store-unavailable'])[503],
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
        ...problems(['overloaded']),
      }),
    },
    '/docs': {
      get: operation('docs', 'service', 'This description as a page, served without the internet', {
        200: text('The page, at docs/.', 'text/html'),
        308: {
          description: 'To docs/, where the page finds its files.',
          headers: { Location: { $ref: '#/components/headers/Location' } },
        },
        ...problems(['overloaded']),
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
          ...problems(['unreadable', 'not-found', 'overloaded']),
        }),
        parameters: [parameter('file', 'path', 'Its name.', { type: 'string' })],
      },
    },
  };
}

/** A status that is either an answer of its own or a problem. */
function withProblem(own: Piece, problem: Piece | undefined): Piece {
  return {
    ...own,
    content: { ...(own.content as Piece), ...(problem?.content as Piece) },
  };
}
