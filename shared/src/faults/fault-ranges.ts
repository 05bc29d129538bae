/** The ranges and defaults of a fault's numbers, without a library, so that a page can import them too. */

/** Status of an `error`. */
export const faultStatus = { min: 400, max: 599, fallback: 503 } as const;
/** Delay of a `latency` in milliseconds. */
export const faultDelayMs = { min: 1, max: 60_000, fallback: 800 } as const;
/** Milliseconds after which a fault is over by itself. */
export const faultTtlMs = { min: 1, max: 600_000, fallback: 60_000 } as const;
