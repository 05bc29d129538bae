/**
 * What Node itself would print of this process, as fields for a line of JSON: an exception that nobody caught, and warnings.
 *
 * What ends the process from outside of JavaScript, such as a lack of memory, is still printed as Node prints it.
 */

/** An exception or a warning for a log. */
export interface CrashFields {
  readonly [field: string]: unknown;
  readonly level: 'fatal' | 'warn';
  readonly msg: string;
  readonly err: { readonly type: string; readonly message: string; readonly stack: string | undefined };
}

/** Takes over from Node: hands them to `write`, and ends the process after an exception with 1, as Node does. */
export function writeCrashesAsJson(write: (fields: CrashFields) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => write(toFields('warn', warning)));
  process.on('uncaughtException', (thrown) => {
    write(toFields('fatal', thrown));
    process.exit(1);
  });
}

/** Anything can be thrown. */
function toFields(level: 'fatal' | 'warn', thrown: unknown): CrashFields {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name: type, message, stack } = error;
  const msg = level === 'warn' ? message : `ended by an exception: ${message}`;
  return { level, msg, err: { type, message, stack } };
}
