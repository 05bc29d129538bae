/**
 * How routes of one's own are described: what each says of itself, and what it inherits.
 */
import type { z } from 'zod';
import type { ErrorCode } from '../core/errors.ts';
import type { OwnRoute } from '../http/own-routes.ts';
import { json, operation, type Paths, type Piece, parameter, problems, ref } from './responses.ts';

/** Under which they are listed. */
export const ownTag = 'own';

/** Descriptions, and the schemas that they refer to. */
export interface OwnOperations {
  readonly paths: Paths;
  readonly schemas: Readonly<Record<string, z.ZodType>>;
  /** Names of the schemas of what is sent in. */
  readonly incoming: readonly string[];
}

/** Describes routes of one's own; one that says nothing of itself is described by what is known. */
export function describeOwn(
  routes: readonly OwnRoute[],
  { controls }: { readonly controls: boolean },
): OwnOperations {
  const schemas: Record<string, z.ZodType> = {};
  const incoming: string[] = [];
  const paths: Record<string, Record<string, Piece>> = {};
  const carries = controls ? (['X-Request-Id', 'Fault-Injected'] as const) : (['X-Request-Id'] as const);
  for (const { method, path, description } of routes) {
    const id = toOperationId(method, path);
    const { summary = `${method} ${path}`, body, answers = {} } = description ?? {};
    const named = (name: string, schema: z.ZodType): Piece => {
      const known = Object.keys(schemas).find((one) => schemas[one] === schema) ?? name;
      schemas[known] = schema;
      return ref(known);
    };
    const described = Object.entries(answers).map(([status, schema]) => [
      status,
      json(summary, named(`${id}${status}`, schema), { carries }),
    ]);
    if (body !== undefined) incoming.push(`${id}Body`);
    const template = path.replaceAll(/[:*](\w+)/g, '{$1}');
    paths[template] = {
      ...paths[template],
      [method.toLowerCase()]: {
        ...operation(id, ownTag, summary, {
          ...(described.length === 0 ? { '2XX': { description: 'Done.' } } : Object.fromEntries(described)),
          ...problems(['internal', ...failures], { mayBeInjected: controls }),
          default: json(
            'A problem: of the request, of the route itself, or a fault that was asked for.',
            ref('Problem'),
            { carries, mediaType: 'application/problem+json' },
          ),
        }),
        parameters: [
          ...[...path.matchAll(/[:*](\w+)/g)].map(([, name = '']) =>
            parameter(name, 'path', 'A part of the address.', { type: 'string' }),
          ),
          parameter('Request-Timeout-Ms', 'header', 'How long the caller will wait.', {
            type: 'integer',
            minimum: 0,
            maximum: 999_999_999,
          }),
        ],
        ...(body === undefined
          ? {}
          : {
              requestBody: {
                required: true,
                content: { 'application/json': { schema: named(`${id}Body`, body) } },
              },
            }),
      },
    };
  }
  return { paths, schemas, incoming };
}

/** What keeps a route from answering. With a status below 500 it may say anything. */
const failures: ErrorCode[] = [
  'neighbour-unreachable',
  'neighbour-failed',
  'neighbour-busy',
  'breaker-open',
  'bulkhead-full',
  'no-instance',
  'overloaded',
  'starting',
  'store-unavailable',
  'attempt-timeout',
  'deadline-exceeded',
];

/** `GET /quotes/:id` is `getQuotesId`. */
function toOperationId(method: string, path: string): string {
  const words = path.match(/\w+/g) ?? [];
  return [method.toLowerCase(), ...words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)].join('');
}
