/**
 * The parts that descriptions of operations are put together from: references, headers, answers and problems.
 */
import type { ErrorCode } from '../errors.ts';
import { problemPages, problemType } from '../problem.ts';

/** A piece of an OpenAPI document. */
export type Piece = { readonly [key: string]: unknown };

/** Operations by path and method. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Piece>>>>;

type Code = ErrorCode | 'internal';

/** Every header that an answer may carry, beside those of HTTP itself. */
export const headers = {
  'X-Request-Id': header(
    'Names the request in logs; the one that was sent, when it was harmless.',
    { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' },
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
  { carries = [], examples }: { carries?: readonly (keyof typeof headers)[]; examples?: Piece } = {},
): Piece {
  return {
    description,
    ...toHeaders(carries),
    content: { 'application/json': { schema, ...(examples === undefined ? {} : { examples }) } },
  };
}

/** An answer of another media type. */
export function text(description: string, mediaType: string): Piece {
  return { description, content: { [mediaType]: { schema: { type: 'string' } } } };
}

/** The problems that an operation may answer, by their status; `mayBeKept` when a document can stand behind them. */
export function problems(
  codes: readonly Code[],
  { mayBeKept = false } = {},
): Readonly<Record<string, Piece>> {
  const byStatus = Map.groupBy(codes, (code) => problemPages[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [`${status}`, problem(status, group, { mayBeKept })]),
  );
}

/** One status with the problems that share it. */
function problem(status: number, codes: readonly Code[], { mayBeKept }: { mayBeKept: boolean }): Piece {
  const carries: (keyof typeof headers)[] = ['X-Request-Id'];
  if (status === 503) carries.push('Retry-After');
  if (status === 405) carries.push('Allow');
  if (status === 401) carries.push('WWW-Authenticate');
  if (mayBeKept) carries.push('Location', 'Idempotent-Replayed', 'Fault-Injected');
  const only = { type: { enum: codes.map(problemType) }, status: { const: status } };
  return {
    description: codes.map((code) => `${problemPages[code].title}.`).join(' '),
    ...toHeaders(carries),
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
  const isFinal = code === 'invalid' || code === 'conflict' || code === 'refused';
  return {
    type: problemType(code),
    title,
    status,
    detail: explanation,
    saved: false,
    ...(isFinal ? { final: true, errors: [{ pointer: '/id', detail: explanation }] } : {}),
    service: 'this-service',
    requestId: '1b4e28ba-2fa1-4d2e-8c3f-5a7d9e0b6c42',
  };
}

function toHeaders(names: readonly (keyof typeof headers)[]): Piece {
  if (names.length === 0) return {};
  return {
    headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
  };
}

function header(description: string, schema: Piece, { required = false } = {}): Piece {
  return { description, required, schema };
}
