/** Reads a trace file of any known form, as a stream: memory does not grow with lines that are no calls. */
import type { Trace } from './trace.ts';

/** Units of time in a file. */
export const traceUnits = ['s', 'ms', 'us', 'ns'] as const;

/** A unit of time in a file. */
export type TraceUnit = (typeof traceUnits)[number];

/** What a file does not say itself. */
export interface ReadTraceOptions {
  /** The unit of durations; without it a file whose durations look like another unit is refused. */
  readonly unit?: TraceUnit;
  /** Only calls to this neighbour; needed where a file has calls to several. */
  readonly peer?: string;
  /** More calls are cut off, and said. @default 2,000,000 */
  readonly maxCalls?: number;
}

/** A file that gives no trace; the message is one sentence. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/**
 * Reads a trace.
 * @throws {TraceError} when there is no file, no call in it, or its units or order cannot be right.
 */
export async function readTrace(_file: string, _options: ReadTraceOptions = {}): Promise<Trace> {
  throw new TraceError('not yet');
}
