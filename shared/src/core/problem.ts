/**
 * The mapping from errors to HTTP: problem details (RFC 9457).
 *
 * `saved` tells a client whether to repeat: true (stored), false (nothing happened), null (unknown: repeat with the same
 * id). Every `type` is the address of a short page that the service serves itself.
 */
import { BreakerOpenError, NotSentError } from '../resilience/errors.ts';
import {
  ConflictError,
  codeOf,
  cut,
  type ErrorCode,
  type FieldError,
  HttpError,
  InjectedError,
  InvalidError,
  isKnownError,
  RefusedError,
  StoreUnavailableError,
  UnavailableError,
} from './errors.ts';

/** A problem body, before the service adds its name and the request's id. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly saved: boolean | null;
  /** True when the stored state makes every repeat fail: the caller may compensate. */
  readonly final?: true;
  readonly errors?: readonly FieldError[];
}

/** The content of a problem's page. */
export interface ProblemPage {
  readonly status: number;
  readonly title: string;
  readonly explanation: string;
}

/** A problem with its headers. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** Every problem, by its code. */
export const problemPages: Readonly<Record<ErrorCode | 'internal', ProblemPage>> = {
  unreadable: page(
    400,
    'The request cannot be read',
    'The body is no JSON, nests too deep, or a header is malformed. Nothing was saved. Mend the request before you repeat it.',
  ),
  'too-slow': page(
    408,
    'The body came too slowly',
    'A body has 2.5 s from the end of the headers. Nothing was saved. Send it in one piece.',
  ),
  'too-large': page(
    413,
    'The body is too large',
    'A body may have 100 kB, also when its numbers are written out. Nothing was saved.',
  ),
  'unsupported-media-type': page(
    415,
    'The body is not JSON',
    'Send Content-Type: application/json, in UTF-8 and not compressed. Nothing was saved.',
  ),
  'not-found': page(404, 'Nothing is here', 'There is no such address, or no document has this id.'),
  forbidden: page(
    403,
    'Not from there',
    'With LAB=1 a service is called by a known name, and controls from a browser only by pages of their own origin. Nothing was changed.',
  ),
  unproven: page(
    403,
    'Nothing proves that a hop sent this',
    'Only a hop of the chain may say Chain-Parent and Chain-Part, and it proves it by Chain-Proof. A client leaves these headers out. An operator: services that share no database need the same CHAIN_KEY, and what stands between them must pass Chain-*, Content-Digest, the query and the body as they are. Nothing was saved, and no document is cancelled by this.',
  ),
  unauthorized: page(
    401,
    'The token is missing or wrong',
    'LAB_TOKEN is set, so controls need Authorization: Bearer with that token. Nothing was changed.',
  ),
  'method-not-allowed': page(
    405,
    'The method is not allowed',
    'The header Allow lists the methods that this address knows.',
  ),
  'not-implemented': page(
    501,
    'The transfer coding is not known',
    'A body comes with Content-Length, or with Transfer-Encoding: chunked. Nothing was saved.',
  ),
  invalid: page(
    422,
    'The content is invalid',
    'The member "errors" names every field with a JSON Pointer. Nothing was saved. Mend the content before you repeat it.',
  ),
  refused: page(
    422,
    'Refused',
    'A service of the chain has finally refused its part; "errors" says why. What was done is taken back, and repeating brings the same answer.',
  ),
  conflict: page(
    409,
    'This id exists with other content',
    'The first document is untouched. Use a fresh id for new content, or repeat the first request unchanged.',
  ),
  misdirected: page(
    421,
    'This is another service',
    'The caller handed on a document of a kind that this service does not take. Check CHAIN_SVC of the caller. Nothing was saved, and the document is not cancelled by this.',
  ),
  'route-error': page(
    400,
    'A route of this service refused the request',
    'Only this service has the route, which chose "status" and "detail" itself. openapi.json describes it.',
  ),
  loop: page(
    508,
    'The chain is a ring',
    'A service met its own document again. This is a fault of the configuration: check CHAIN_SVC of every service.',
  ),
  injected: page(
    502,
    'A fault was injected',
    'This failure was asked for: by a fault of /faults, by the header Lab-Fault, or by INJECT_ERR=1. The status is the one that was asked for. "saved" says whether the document is kept. Repeating with the same id is safe.',
  ),
  overloaded: page(
    503,
    'No room',
    'The service has as many requests in work as it can finish. Nothing was saved. Repeat after Retry-After.',
  ),
  starting: page(
    503,
    'Starting',
    'The service is not ready yet. Nothing was saved. Repeat after Retry-After.',
  ),
  stopping: page(
    503,
    'Stopping',
    'The service is about to end and takes no new work. Nothing was saved. Repeat after Retry-After.',
  ),
  'store-unavailable': page(
    503,
    'The database is away',
    'When "saved" is null the write may have arrived: repeating with the same id is always safe.',
  ),
  'breaker-open': page(
    503,
    'The breaker is open',
    'Too many calls to the next service failed, so for a while none is sent. The document is kept here. Repeat it, unchanged, after Retry-After.',
  ),
  'bulkhead-full': page(
    503,
    'Too many calls are under way',
    'The next service is busy with calls from here, so this one was not sent. The document is kept here. Repeat it, unchanged, after Retry-After.',
  ),
  'no-instance': page(
    503,
    'The next service has no instance',
    'Nobody is known under its name or addresses now, so nothing was sent. The document is kept here and goes on as soon as an instance appears.',
  ),
  'deadline-exceeded': page(
    504,
    'The time is over',
    'The caller would not have waited for the end of the work, so it was not begun. "saved" says whether the document is kept here.',
  ),
  'attempt-timeout': page(
    504,
    'The next service did not answer in time',
    'What happened there is unknown. The document is kept here. Repeating it unchanged is safe.',
  ),
  'neighbour-unreachable': page(
    502,
    'The next service cannot be reached',
    'The connection was refused, reset or broken. The document is kept here. Repeating it unchanged is safe.',
  ),
  'neighbour-failed': page(
    502,
    'The next service failed',
    'It answered with an error or with something that is no answer of this chain. The document is kept here. Repeating it unchanged is safe.',
  ),
  'neighbour-busy': page(
    502,
    'The next service asks for patience',
    'It is starting, leaving, or has no room, and says when it will have. The document is kept here and goes on then.',
  ),
  'neighbour-misconfigured': page(
    502,
    'The next service is misconfigured',
    'Its answer says nothing about the document, such as the 404 of a proxy. Check CHAIN_SVC. The document is kept here and is not cancelled by this.',
  ),
  'document-not-taken': page(
    502,
    'The next service does not take this document',
    'It did not read it, as with 413 or 431, and said nothing final. The document is kept here and is not cancelled by this; others go on.',
  ),
  internal: page(
    500,
    'A defect of this service',
    'This should not happen; the log has the details under the request id. Repeating with the same id is safe.',
  ),
};

/** Maximum length of a detail, which may contain what a client sent. */
const maxDetail = 500;

/** The address of a problem's page. */
export function problemType(code: keyof typeof problemPages): string {
  return `/problems/${code}`;
}

/**
 * Turns anything thrown into a problem.
 *
 * `saved` is what the caller knows. Unless it is true, a `StoreUnavailableError` replaces it by its own.
 */
export function toProblem(error: unknown, saved: boolean | null): ProblemAnswer {
  const code = codeOf(error);
  const { status: usual, title } = problemPages[code];
  const isStatusGiven = error instanceof InjectedError || error instanceof HttpError;
  const status = isStatusGiven ? error.status : usual;
  const detail = isKnownError(error)
    ? cut(error.message, maxDetail)
    : 'The request met a defect of this service.';
  const problem: Problem = {
    type: problemType(code),
    title,
    status,
    detail,
    saved: saved !== true && error instanceof StoreUnavailableError ? error.saved : saved,
    ...(error instanceof InvalidError || error instanceof RefusedError ? { errors: error.fieldErrors } : {}),
    // The stored document with this id differs and is durable, so every repeat fails.
    ...(error instanceof ConflictError ? { final: true, errors: [{ pointer: '/id', detail }] } : {}),
  };
  return { problem, headers: toHeaders(error, status) };
}

function toHeaders(error: unknown, status: number): Record<string, string> {
  // An injected 503 has none: a breaker would probe after that time instead of its own.
  if (status !== 503 || error instanceof InjectedError) return {};
  return { 'Retry-After': `${toRetryAfter(error)}` };
}

/** Whole seconds, rounded up and at least 1: a client that repeats too early gets the same answer. */
function toRetryAfter(error: unknown): number {
  const known =
    error instanceof BreakerOpenError || error instanceof NotSentError || error instanceof UnavailableError;
  return Math.max(1, Math.ceil((known ? error.retryAfterMs : 1000) / 1000));
}

function page(status: number, title: string, explanation: string): ProblemPage {
  return { status, title, explanation };
}
