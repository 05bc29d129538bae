/**
 * Limits log lines that a client can provoke: one for each cause and second, then the count of those left out.
 *
 * Otherwise a client with a thousand bad requests causes a thousand lines, and all others are lost among them.
 */
import type { Log } from './log.ts';

/** One line. */
export interface LogLine {
  /** Lines of one cause count together; there should be few causes. */
  readonly cause: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Causes counted separately at one time; any further ones count together. */
const maxCauses = 100;

/** Creates the function that writes; after a line its cause is suppressed for `quietMs`. */
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
    suppress(cause, line);
  };

  function suppress(cause: string, { level, message }: LogLine): void {
    leftOut.set(cause, 0);
    after(quietMs, () => {
      const count = leftOut.get(cause) ?? 0;
      leftOut.delete(cause);
      if (count === 0) return;
      const sentence = `${count} more like this in ${quietMs / 1000} s: ${message}`;
      log[level]({ event: 'left-out', cause, leftOut: count }, sentence);
      suppress(cause, { cause, level, fields: {}, message });
    });
  }
}

function afterUnref(ms: number, then: () => void): void {
  setTimeout(then, ms).unref();
}
