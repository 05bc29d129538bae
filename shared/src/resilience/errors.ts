/**
 * The errors of a call: those of one that was not sent, and those of one that brought no usable answer.
 *
 * Every one has a stable `code`. They stand alone, so that a breaker can be used without the rest of this system, which
 * takes them into its own set (core/errors.ts).
 */

/** Names every error of a call. */
export type CallErrorCode =
  | 'breaker-open'
  | 'bulkhead-full'
  | 'no-instance'
  | 'deadline-exceeded'
  | 'attempt-timeout'
  | 'neighbour-unreachable'
  | 'neighbour-failed'
  | 'neighbour-busy'
  | 'neighbour-misconfigured'
  | 'document-not-taken';

/** Parent of every error of a call. */
export class CallError extends Error {
  readonly code: CallErrorCode;

  constructor(code: CallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Parent of "your call was not made": nothing was sent, so nothing can have happened there. */
export class NotSentError extends CallError {
  /** Milliseconds until a call may be let through again. */
  readonly retryAfterMs: number;

  constructor(
    code: 'breaker-open' | 'bulkhead-full' | 'no-instance' | 'deadline-exceeded',
    message: string,
    options: ErrorOptions & { retryAfterMs: number },
  ) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The breaker lets no call through now. */
export class BreakerOpenError extends NotSentError {
  /** The reason without "ago" and "in": true as long as the breaker is open, for what is kept and read later. */
  readonly lasting: string;

  constructor(message: string, options: ErrorOptions & { retryAfterMs: number; lasting?: string }) {
    super('breaker-open', message, options);
    this.lasting = options.lasting ?? message;
  }
}

/** Every slot to the next hop is taken, and the queue in front of them too. */
export class BulkheadFullError extends NotSentError {
  constructor(message: string, options: ErrorOptions & { retryAfterMs: number }) {
    super('bulkhead-full', message, options);
  }
}

/** The next hop has no instance that anybody knows of. */
export class NoInstanceError extends NotSentError {
  constructor(message: string, options: ErrorOptions & { retryAfterMs: number }) {
    super('no-instance', message, options);
  }
}

/** The caller's deadline leaves no time for the work; it was not begun. */
export class DeadlineExceededError extends NotSentError {
  constructor(message: string, options?: ErrorOptions) {
    super('deadline-exceeded', message, { ...options, retryAfterMs: 0 });
  }
}

/** Parent of "the call was made and brought no usable answer". What happened there is unknown. */
export class NeighbourError extends CallError {
  /** When the neighbour itself asked to be called again, in milliseconds from its answer. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: CallErrorCode,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined } = {},
  ) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The next hop did not answer within the attempt's time. */
export class AttemptTimeoutError extends NeighbourError {
  constructor(message: string, options?: ErrorOptions) {
    super('attempt-timeout', message, options);
  }
}

/** One setting that cannot be used; `pointer` is a JSON Pointer (RFC 6901) to it. */
export interface SettingIssue {
  readonly pointer: string;
  readonly detail: string;
}

/** Settings that cannot be used; every one of them is named. */
export class InvalidSettingsError extends RangeError {
  readonly code = 'invalid';
  readonly faults: readonly SettingIssue[];

  constructor(message: string, faults: readonly SettingIssue[]) {
    super(message);
    this.name = new.target.name;
    this.faults = faults;
  }
}
