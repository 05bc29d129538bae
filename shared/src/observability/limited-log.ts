/**
 * Writes lines that a client can provoke: one for each cause and second, and how many more there were.
 *
 * Otherwise who sends a thousand bad requests writes a thousand lines, and nobody finds the others between them.
 */
import type { Log } from './log.ts';

/** One line. */
export interface LogLine {
  /** What it is about, of a small set: lines of one cause count together. */
  readonly cause: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Causes that are told apart at a moment; the others count together. */
const maxCauses = 100;

/** Creates the way to write; `quietMs` is how long a cause is quiet after a line. */
export function limitLog(
  log: Pick<Log, LogLine['level']>,
  { quietMs = 1000, after = afterUnref }: { quietMs?: number; after?: typeof afterUnref } = {},
): (line: LogLine) => void {
  const leftOut = new Map<string, number>();

  return (line) => {
    const cause = leftOut.has(line.cause) || leftOut.size < maxCauses ? line.cause : 'others';
    const count = leftOut.get(cause);
    if (count !== undefined) {
      leftOut.set(cause, count + 1);
      return;
    }
    log[line.level](line.fields, line.message);
    beQuiet(cause, line);
  };

  function beQuiet(cause: string, { level, message }: LogLine): void {
    leftOut.set(cause, 0);
    after(quietMs, () => {
      const count = leftOut.get(cause) ?? 0;
      leftOut.delete(cause);
      if (count === 0) return;
      const sentence = `${count} more like this in ${quietMs / 1000} s: ${message}`;
      log[level]({ event: 'left-out', cause, leftOut: count }, sentence);
      beQuiet(cause, { cause, level, fields: {}, message });
    });
  }
}

function afterUnref(ms: number, then: () => void): void {
  setTimeout(then, ms).unref();
}
