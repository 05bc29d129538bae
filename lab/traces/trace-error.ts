/** Why a file gives no trace. */

/** A file that gives no trace; the message is one sentence. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** A line that is no call; the message says why and follows its number. Without a stack, since a file may have millions. */
export class BrokenLineError extends Error {
  override readonly name = 'BrokenLineError';

  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Parses JSON; `undefined` when it is none, without the price of an error for each of millions of lines. */
export function parseJson(text: string): unknown {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
