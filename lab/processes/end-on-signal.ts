/** A signal ends a command, and with it the processes that it started (child.ts): by itself it would leave them behind. */

/** Ends this process with 130 at the first signal that asks it to leave. */
export function endOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
}
