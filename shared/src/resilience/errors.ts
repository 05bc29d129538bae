/**
 * The errors of a call: those of a call that was not sent, and those of a call without a usable answer.
 *
 * Every one has a stable `code`.
 */

/** The codes that this folder gives. */
export type CallErrorCode =
  | 'breaker-open'
  | 'bulkhead-full'
  | 'no-instance'
  | 'deadline-exceeded'
  | 'attempt-timeout'
  | 'neighbour-unreachable'
  | 'neighbour-failed'
  | 'neighbour-busy'
  | 'neighbour-misconfigured';

/** Parent of every error of a call. */
export class CallError extends Error {
  /** A `CallErrorCode`, or a code of the caller's own; see {@link NeighbourError}. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Parent of the errors of a call that was not sent: nothing can have happened at the neighbour. */
export class NotSentError extends CallError {
  /** Milliseconds until a call may pass again. */
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

/** The breaker lets no call pass now. */
export class BreakerOpenError extends NotSentError {
  /** The reason without relative times: true as long as the breaker is open, for texts that are stored. */
  readonly lasting: string;

  constructor(message: string, options: ErrorOptions & { retryAfterMs: number; lasting?: string }) {
    super('breaker-open', message, options);
    this.lasting = options.lasting ?? message;
  }
}

/** Every slot of the bulkhead is taken, and its queue is full or gave none in time. */
export class BulkheadFullError extends NotSentError {
  constructor(message: string, options: ErrorOptions & { retryAfterMs: number }) {
    super('bulkhead-full', message, options);
  }
}

/** No instance of the neighbour is known. */
export class NoInstanceError extends NotSentError {
  constructor(message: string, options: ErrorOptions & { retryAfterMs: number }) {
    super('no-instance', message, options);
  }
}

/** The caller's deadline leaves too little time for the work; it was not begun. */
export class DeadlineExceededError extends NotSentError {
  constructor(message: string, options?: ErrorOptions) {
    super('deadline-exceeded', message, { ...options, retryAfterMs: 0 });
  }
}

/**
 * A call was sent and brought no usable answer; what happened at the neighbour is unknown.
 *
 * A `code` that is no `CallErrorCode` means that a healthy neighbour rejects this request: it neither counts against
 * the neighbour nor is retried.
 */
export class NeighbourError extends CallError {
  /** The wait that the neighbour asked for, in milliseconds from its answer. */
  readonly retryAfterMs: number | undefined;
  /** The HTTP status of its answer; `undefined` when none came. */
  readonly status: number | undefined;
  /** Another call reports the same event, so this one says nothing more of the neighbour's health. */
  readonly isDuplicate: boolean;

  constructor(
    code: CallErrorCode | (string & {}),
    message: string,
    options: ErrorOptions & {
      retryAfterMs?: number | undefined;
      status?: number | undefined;
      isDuplicate?: boolean;
    } = {},
  ) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
    this.isDuplicate = options.isDuplicate ?? false;
  }
}

/** The neighbour did not answer within the time of an attempt. */
export class AttemptTimeoutError extends NeighbourError {
  constructor(message: string, options?: ErrorOptions) {
    super('attempt-timeout', message, options);
  }
}

/** What an error says: the neighbour failed, another instance may take the call, or no instance takes this request. */
export function toNeighbourFault({ code }: NeighbourError): 'failure' | 'elsewhere' | 'request' {
  if (code === 'neighbour-busy' || code === 'neighbour-misconfigured') return 'elsewhere';
  return failures.has(code) ? 'failure' : 'request';
}

const failures: ReadonlySet<string> = new Set<CallErrorCode>([
  'attempt-timeout',
  'neighbour-unreachable',
  'neighbour-failed',
]);

/** One invalid setting; `pointer` is a JSON Pointer (RFC 6901) to it. */
export interface SettingIssue {
  readonly pointer: string;
  readonly detail: string;
}

/** Settings are invalid; every one of them is named. */
export class InvalidSettingsError extends RangeError {
  readonly code = 'invalid';
  readonly issues: readonly SettingIssue[];

  constructor(message: string, issues: readonly SettingIssue[]) {
    super(message);
    this.name = new.target.name;
    this.issues = issues;
  }
}
