/** The only writer to the console: the ready line to stdout, everything else to stderr. */

/** Prints the one line scripts wait for. */
export function printReady(url: string): void {
  process.stdout.write(`ready ${url}\n`);
}

/** Prints what was asked for. */
export function announce(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Says one thing a person should know. */
export function logInfo(sentence: string): void {
  process.stderr.write(`embedded-mongo: ${sentence}\n`);
}

/** Says what went wrong, with the cause. */
export function logError(sentence: string, cause: unknown): void {
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.stderr.write(`embedded-mongo: ${sentence}: ${detail}\n`);
}
