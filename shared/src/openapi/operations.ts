/**
 * Describes how documents are created and read; their names come from the resource.
 *
 * Operations that every service has are in service-operations.ts, the controls in control-operations.ts.
 */
import type { ErrorCode } from '../core/errors.ts';
import type { Resource } from '../core/resource.ts';
import { maxBodyBytes } from '../http/json-body.ts';
import { maxListBytes } from '../http/read-list.ts';
import { requestIdForm } from '../http/request-id.ts';
import {
  json,
  operation,
  type Paths,
  type Piece,
  type ProblemTraits,
  parameter,
  problems,
  ref,
} from './responses.ts';

/** Names of schemas that depend on the resource. */
export function schemaNames({ singular }: Pick<Resource, 'singular'>): { content: string; view: string } {
  const word = `${singular.charAt(0).toUpperCase()}${singular.slice(1)}`;
  return { content: word, view: `Kept${word}` };
}

const labFaultParameter = parameter(
  'Lab-Fault',
  'header',
  'Faults for this request alone: service;error=503|latency=800|hang|reset|crash|unready[;phase=before|after], comma-separated.',
  { type: 'string', examples: ['this-service;latency=800'] },
);

/** Describes the paths of documents; with `controls` also the header `Lab-Fault`. */
export function describeDocuments(resource: Resource, { controls }: { controls: boolean }): Paths {
  const { view } = schemaNames(resource);
  const { singular, plural } = resource;
  const labFault = controls ? [labFaultParameter] : [];
  const refused: ErrorCode[] = controls ? ['unreadable', 'unauthorized', 'forbidden'] : [];
  const traits: ProblemTraits = { mayBeInjected: controls };
  const create = (operationId: string) => describeCreate(operationId, resource, { controls });

  return {
    '/create': { post: create('create') },
    [`/${plural}`]: {
      get: {
        ...operation('list', plural, `The ${plural} in one state, the oldest first`, {
          200: json(
            `At most \`limit\` ${plural}, and at most ${maxListBytes.toLocaleString('en')} bytes of them.`,
            {
              type: 'object',
              properties: {
                [plural]: { type: 'array', items: ref(view) },
                next: {
                  type: 'string',
                  format: 'uri-reference',
                  description: 'Where the list goes on, relative to this address; absent at its end.',
                },
              },
              required: [plural],
              additionalProperties: false,
            },
            { carries: ['Fault-Injected'] },
          ),
          ...problems([...refused, 'invalid', 'internal', 'overloaded', 'store-unavailable'], traits),
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
          parameter('after', 'query', 'Where to go on: what `next` of the answer before says.', {
            type: 'string',
          }),
          ...labFault,
        ],
      },
      post: create('createByName'),
    },
    [`/${plural}/{id}`]: {
      get: {
        ...operation(
          'read',
          plural,
          `One ${singular}: where it stands, how it got there, and what was sent`,
          {
            200: json('It is kept here.', ref(view), { carries: ['Fault-Injected'] }),
            ...problems(
              [
                ...new Set([
                  ...refused,
                  'unreadable',
                  'not-found',
                  'internal',
                  'overloaded',
                  'store-unavailable',
                ] as const),
              ],
              traits,
            ),
          },
        ),
        parameters: [
          parameter('id', 'path', `The id of the ${singular}, or its key.`, { type: 'string' }),
          parameter('parent', 'query', 'Whose part it is: tells parts with the same id apart.', {
            type: 'string',
          }),
          ...labFault,
        ],
      },
    },
    [`/${plural}/{id}/steps`]: {
      get: {
        ...operation('steps', plural, `What this instance remembers of one ${singular}`, {
          200: json('Answers, attempts and waits, from memory; none is an empty list.', ref('Steps')),
          ...problems(['unreadable', 'overloaded']),
        }),
        parameters: [
          parameter('id', 'path', `The id of the ${singular}.`, { type: 'string' }),
          parameter('parent', 'query', 'Whose part it is: tells parts with the same id apart.', {
            type: 'string',
          }),
        ],
      },
    },
  };
}

function describeCreate(operationId: string, resource: Resource, { controls }: { controls: boolean }): Piece {
  const { singular, plural, example } = resource;
  const { content } = schemaNames(resource);
  return {
    ...operation(operationId, plural, `Keeps one ${singular} and hands it on`, {
      200: json('Kept, and done by every hop behind.', ref('Completed'), {
        carries: ['X-Request-Id', 'Idempotent-Replayed', 'Fault-Injected', 'Chain-Proof', 'Chain-Group'],
      }),
      202: json(
        'Kept, not finished, and carried on by itself. `reason` says why, `Retry-After` when it is tried.',
        ref('Pending'),
        {
          carries: [
            'X-Request-Id',
            'Retry-After',
            'Location',
            'Fault-Injected',
            'Chain-Proof',
            'Chain-Group',
          ],
        },
      ),
      ...problems(
        [
          'unreadable',
          ...(controls ? (['unauthorized', 'forbidden'] as const) : []),
          'unproven',
          'too-slow',
          'conflict',
          'too-large',
          'unsupported-media-type',
          'invalid',
          'not-implemented',
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
        { mayBeKept: true, mayBeInjected: controls },
      ),
    }),
    description: [
      'Safe to repeat: the same id with the same content is the same request, and brings the same answer.',
      'Chain-Parent and Chain-Part are for hops only, which prove by Chain-Proof that they are: without it they are answered 403, a number in count 422, and Via, Chain-Retrying and Chain-Relay are ignored.',
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
        pattern: requestIdForm.source,
      }),
      parameter('traceparent', 'header', 'W3C trace context, passed on.', { type: 'string' }),
      parameter('count', 'query', 'Between hops: the number of the sender. From outside absent or 0.', {
        type: 'integer',
        minimum: 0,
        maximum: 9999,
      }),
      parameter('Chain-Parent', 'header', 'Between hops: the key of the document that hands this one on.', {
        type: 'string',
        pattern: '^[A-Za-z0-9._:-]{1,64}(@[A-Za-z0-9._:-]{1,64})*$',
      }),
      parameter('Chain-Part', 'header', 'Between hops: what kind of document this is.', {
        type: 'string',
      }),
      parameter(
        'Chain-Proof',
        'header',
        'Between hops: that a hop says all this. HMAC-SHA256, under the key of the chain, of the JSON list "holdfast 1", "request", Chain-Parent, Chain-Part, count, Chain-Retrying, Content-Digest.',
        { type: 'string', pattern: '^[0-9a-f]{64}$' },
      ),
      parameter('Content-Digest', 'header', 'Between hops: the digest of the body (RFC 9530).', {
        type: 'string',
      }),
      parameter('Chain-Retrying', 'header', 'Between hops: the caller tries again by itself.', {
        type: 'string',
        const: '1',
      }),
      parameter(
        'Chain-Relay',
        'header',
        'Between hops: a relay sends it, and nobody waits; its calls are counted apart.',
        { type: 'string', const: '1' },
      ),
      parameter('Via', 'header', 'Between hops: the services that the document came through.', {
        type: 'string',
      }),
      ...(controls ? [labFaultParameter] : []),
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: ref(content), examples: { [singular]: { value: example } } },
      },
    },
  };
}
