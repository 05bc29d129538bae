/**
 * A trace: what became of each call that one caller made to its neighbour.
 *
 * Calls are kept in columns, so that a million of them take some twenty megabytes. docs/traces.md describes the file.
 */

/** How a call ended, as a file says it; a column has the index. */
export const callOutcomes = ['ok', 'failed', 'timeout', 'rejected'] as const;

/** How a call ended; `rejected`: it was not sent. */
export type CallOutcome = (typeof callOutcomes)[number];

/** One call: a line of a trace file. */
export interface TraceCall {
  /** When it began, in milliseconds since 1970. */
  readonly t: number;
  /** How long it took. After a `timeout` the answer would have taken longer than this: it is right-censored. */
  readonly ms: number;
  readonly outcome: CallOutcome;
  /** Which instance of the neighbour was called. */
  readonly instance?: string;
  /** It repeats a call that failed: no arrival of its own. */
  readonly retry?: true;
}

/** What the first line of a trace file may say of all calls. */
export interface TraceFacts {
  /** Caller and neighbour, as in `front→back`. */
  readonly hop?: string;
  readonly recordedBy?: string;
  /** The caller gave an attempt up after so long. */
  readonly attemptTimeoutMs?: number;
  /** Calls that the recorder could not keep. */
  readonly dropped?: number;
}

/** The forms of file that are read. */
export type TraceKind = 'calls' | 'otlp' | 'access log';

/** Lines that are no call. */
export interface BrokenLines {
  readonly count: number;
  /** The first of them. */
  readonly first: readonly { readonly line: number; readonly why: string }[];
}

/** A trace in memory; at least one call, sorted by the moment of beginning. */
export interface Trace {
  readonly kind: TraceKind;
  readonly facts: TraceFacts;
  /** How many calls there are, which is the length of each column. */
  readonly calls: number;
  /** When each call began, in milliseconds since 1970; never falls. */
  readonly at: Float64Array;
  readonly ms: Float64Array;
  /** Indexes of `callOutcomes`. */
  readonly outcome: Uint8Array;
  /** Indexes of `instances`. */
  readonly instance: Uint16Array;
  /** 1 for a call that repeats one that failed. */
  readonly retry: Uint8Array;
  /** At least one; a file that names none has one without a name. */
  readonly instances: readonly string[];
  readonly broken: BrokenLines;
  /** What a reader has to know: what was skipped, assumed, cut off or sorted. */
  readonly sentences: readonly string[];
}
