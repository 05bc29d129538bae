/**
 * The closed set of errors that this system throws on purpose.
 *
 * Every one has a stable `code`; only problem.ts turns a code into an HTTP status. An error that is not of this set is
 * a bug: it is answered 500 and logged with its stack. The errors of a call to a neighbour are in resilience/errors.ts.
 */
import { CallError, type CallErrorCode } from '../resilience/errors.ts';

/** The codes of the set; also the last part of a problem's `type`, `/problems/<code>`. */
export type ErrorCode =
  | CallErrorCode
  | 'document-not-taken'
  | 'unreadable'
  | 'too-slow'
  | 'too-large'
  | 'unsupported-media-type'
  | 'not-found'
  | 'forbidden'
  | 'unproven'
  | 'unauthorized'
  | 'method-not-allowed'
  | 'not-implemented'
  | 'invalid'
  | 'refused'
  | 'conflict'
  | 'misdirected'
  | 'route-error'
  | 'loop'
  | 'injected'
  | 'overloaded'
  | 'starting'
  | 'stopping'
  | 'store-unavailable';

/** Parent of every error of the set but those of a call. */
export class HoldfastError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The message of an error for the log, with details that answers leave out. */
export function toLogged(error: unknown): string {
  if (error instanceof StoreUnavailableError && error.why !== undefined)
    return `${error.message} (${error.why})`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error is of the set; any other is a bug. */
export function isKnownError(error: unknown): error is HoldfastError | CallError {
  return error instanceof HoldfastError || error instanceof CallError;
}

/** The code of an error; `internal` for one that is not of the set. */
export function codeOf(error: unknown): ErrorCode | 'internal' {
  if (error instanceof HoldfastError) return error.code;
  // No file of this system creates a CallError with another code.
  return error instanceof CallError ? (error.code as ErrorCode) : 'internal';
}

/** One error of a body; `pointer` is a JSON Pointer (RFC 6901), empty for the whole body. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** Limits of the errors in one answer: otherwise 95 kB of invalid content could cause an answer of 2 MB. */
const limits = { errors: 20, pointer: 256, detail: 300, bytes: 4000 } as const;

/** The first errors, shortened to fit into an answer; at least one of them. */
export function boundFieldErrors(errors: readonly FieldError[]): readonly FieldError[] {
  const bounded: FieldError[] = [];
  let bytes = 0;
  for (const error of errors.slice(0, limits.errors)) {
    const short = { pointer: cut(error.pointer, limits.pointer), detail: cut(error.detail, limits.detail) };
    bytes += Buffer.byteLength(JSON.stringify(short));
    if (bounded.length > 0 && bytes > limits.bytes) break;
    bounded.push(short);
  }
  return bounded;
}

/** Cuts a text to `length` characters and marks the cut with `…`. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length).toWellFormed()}…` : text;
}

/** The request cannot be processed: unreadable, too large, of another media type, for no known address, or not allowed. */
export class RequestError extends HoldfastError {}

/** The content of a request does not match the schema. */
export class InvalidError extends HoldfastError {
  readonly fieldErrors: readonly FieldError[];

  constructor(message: string, errors: readonly FieldError[], options?: ErrorOptions) {
    super('invalid', message, options);
    this.fieldErrors = boundFieldErrors(errors);
  }
}

/** The content is valid and refused for a business reason. */
export class RefusedError extends HoldfastError {
  readonly fieldErrors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super('refused', errors.map(({ detail }) => detail).join(' '));
    this.fieldErrors = boundFieldErrors(errors);
  }
}

/** The same id exists with other content, or under another parent. */
export class ConflictError extends HoldfastError {
  constructor(message: string, options?: ErrorOptions) {
    super('conflict', message, options);
  }
}

/** A service got its own document again: the chain is configured as a ring. */
export class LoopError extends HoldfastError {
  constructor(message: string, options?: ErrorOptions) {
    super('loop', message, options);
  }
}

/** A requested fault: by `PUT /faults/:name`, `Lab-Fault`, or `INJECT_ERR`. */
export class InjectedError extends HoldfastError {
  /** The requested HTTP status; 400 to 599. */
  readonly status: number;

  constructor(message: string, options: ErrorOptions & { status: number }) {
    super('injected', message, options);
    this.status = options.status;
  }
}

/** A route of one's own refuses a request; `status` is 400 to 499, and the message goes to the client. */
export class HttpError extends HoldfastError {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super('route-error', message, options);
    this.status = status;
  }
}

/** A service that cannot start as it is configured in code. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The service accepts no request now: `overloaded`, `starting` or `stopping`. */
export class UnavailableError extends HoldfastError {
  readonly retryAfterMs: number;

  constructor(
    code: 'overloaded' | 'starting' | 'stopping',
    message: string,
    options: ErrorOptions & { retryAfterMs: number },
  ) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The database did not answer in time. */
export class StoreUnavailableError extends HoldfastError {
  /** `false` when nothing was written, `null` when a write may be done. */
  readonly saved: false | null;
  /** The message of the database or its driver: only for the log, since it contains host names. */
  readonly why: string | undefined;

  constructor(message: string, options: ErrorOptions & { saved: false | null; why?: string }) {
    super('store-unavailable', message, options);
    this.saved = options.saved;
    this.why = options.why;
  }
}
