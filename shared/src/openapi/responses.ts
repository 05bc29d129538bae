/**
 * The parts of an operation's description: references, headers, answers and problems.
 */
import type { ErrorCode } from '../core/errors.ts';
import { problemPages, problemType } from '../core/problem.ts';
import { requestIdForm } from '../http/request-id.ts';

/** A piece of an OpenAPI document. */
export type Piece = { readonly [key: string]: unknown };

/** Operations by path and method. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Piece>>>>;

type Code = ErrorCode | 'internal';
type HeaderName = keyof typeof headers;

/** Every header that an answer may carry, beside those of HTTP itself. */
export const headers = {
  'X-Request-Id': header(
    'Names the request in logs; the one that was sent, when it was harmless.',
    { type: 'string', pattern: requestIdForm.source },
    { required: true },
  ),
  'Retry-After': header(
    'Whole seconds until asking again can help.',
    { type: 'integer', minimum: 1 },
    { required: true },
  ),
  Location: header('Where the document can be read back.', { type: 'string', format: 'uri-reference' }),
  'Idempotent-Replayed': header('The same create was answered before, and this is that answer.', {
    type: 'string',
    const: 'true',
  }),
  'Fault-Injected': header('The name of the fault, asked for with LAB=1, that touched this answer.', {
    type: 'string',
  }),
  'Chain-Proof': header('To a hop: that a hop of its chain says this. Nobody else gets it.', {
    type: 'string',
    pattern: '^[0-9a-f]{64}$',
  }),
  'Chain-Group': header('To a hop: how many documents may come in one message.', {
    type: 'integer',
    minimum: 1,
  }),
  Allow: header(
    'The methods that the address knows.',
    { type: 'string' },
    {
      required: true,
    },
  ),
  'WWW-Authenticate': header('How to say who asks.', { type: 'string', const: 'Bearer' }, { required: true }),
} as const;

/** Refers to a schema by its name. */
export function ref(name: string): Piece {
  return { $ref: `#/components/schemas/${name}` };
}

/** An answer of JSON. */
export function json(
  description: string,
  schema: Piece,
  {
    carries = [],
    examples,
    mediaType = 'application/json',
  }: { carries?: readonly HeaderName[]; examples?: Piece; mediaType?: string } = {},
): Piece {
  return {
    description,
    ...(carries.length === 0 ? {} : { headers: toHeaders(carries) }),
    content: { [mediaType]: { schema, ...(examples === undefined ? {} : { examples }) } },
  };
}

/** An answer of another media type. */
export function text(description: string, mediaType: string): Piece {
  return { description, content: { [mediaType]: { schema: { type: 'string' } } } };
}

/** Further facts about the problems of an operation. */
export interface ProblemTraits {
  /** The document may have been kept. */
  readonly mayBeKept?: boolean;
  /** Each may also be an injected fault, with any status. */
  readonly mayBeInjected?: boolean;
}

/** The problems that an operation may answer, by their status. */
export function problems(
  codes: readonly Code[],
  traits: ProblemTraits = {},
): Readonly<Record<string, Piece>> {
  const byStatus = Map.groupBy(codes, (code) => problemPages[code].status);
  const known = [...byStatus].map(([status, group]) => [`${status}`, problem(status, group, traits)]);
  const injected = traits.mayBeInjected ? [['default', problem(undefined, ['injected'], traits)]] : [];
  return Object.fromEntries([...known, ...injected]);
}

/** One status with the problems that share it; `undefined` stands for any. */
function problem(
  status: number | undefined,
  codes: readonly Code[],
  { mayBeKept = false, mayBeInjected = false }: ProblemTraits,
): Piece {
  const types = new Set<Code>(mayBeInjected ? [...codes, 'injected'] : codes);
  const only = {
    type: { enum: [...types].map(problemType) },
    ...(status === undefined ? {} : { status: { const: status } }),
  };
  // An injected fault has the status of another problem, but not its guarantees.
  const due = mayBeInjected ? toOptional : toHeaders;
  return {
    description: codes.map((code) => `${problemPages[code].title}.`).join(' '),
    headers: {
      ...toHeaders(['X-Request-Id']),
      ...(status === 503 ? due(['Retry-After']) : {}),
      ...(status === 401 ? due(['WWW-Authenticate']) : {}),
      ...(status === 405 ? toHeaders(['Allow']) : {}),
      ...(mayBeKept ? toHeaders(['Location', 'Idempotent-Replayed', 'Chain-Proof', 'Chain-Group']) : {}),
      ...(mayBeKept || mayBeInjected ? toHeaders(['Fault-Injected']) : {}),
    },
    content: {
      'application/problem+json': {
        schema: { allOf: [ref('Problem'), { type: 'object', properties: only }] },
        examples: Object.fromEntries(codes.map((code) => [code, { value: toExample(code) }])),
      },
    },
  };
}

function toExample(code: Code): Piece {
  const { status, title, explanation } = problemPages[code];
  const hasErrors = code === 'invalid' || code === 'conflict' || code === 'refused';
  return {
    type: problemType(code),
    title,
    status,
    detail: explanation,
    saved: false,
    ...(hasErrors ? { errors: [{ pointer: '/id', detail: explanation }] } : {}),
    ...(code === 'conflict' || code === 'refused' ? { final: true } : {}),
    service: 'this-service',
    requestId: '1b4e28ba-2fa1-4d2e-8c3f-5a7d9e0b6c42',
  };
}

function toHeaders(names: readonly HeaderName[]): Piece {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function toOptional(names: readonly HeaderName[]): Piece {
  return Object.fromEntries(names.map((name) => [name, { ...headers[name], required: false }]));
}

function header(description: string, schema: Piece, { required = false } = {}): Piece {
  return { description, required, schema };
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
