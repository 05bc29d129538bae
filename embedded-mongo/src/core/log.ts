/** The only writer to the console: the ready line to stdout, everything else to stderr. */

/** Prints the ready line, which scripts wait for. */
export function printReady(url: string): void {
  process.stdout.write(`ready ${url}\n`);
}

/** Prints text to stdout. */
export function announce(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Logs a sentence. */
export function logInfo(sentence: string): void {
  process.stderr.write(`embedded-mongo: ${sentence}\n`);
}

/** Logs an error with its cause. */
export function logError(sentence: string, cause: unknown): void {
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.stderr.write(`embedded-mongo: ${sentence}: ${detail}\n`);
}
