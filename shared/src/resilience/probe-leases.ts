/**
 * Leases on probes: replicas with a breaker to the same neighbour make one probe per open period, not one each.
 *
 * A replica that gets no reply probes, so that a failed lease store never keeps a breaker open.
 */

/** Leases on probes, one for each name of a breaker. */
export interface ProbeLeases {
  /**
   * Asks for the probe of `breaker` for `forMs` milliseconds; resolves to 0 when the caller gets it, else to the
   * milliseconds until it may ask again. Rejects when the store is not available.
   */
  ask(breaker: string, forMs: number): Promise<number>;
  /**
   * Publishes what this replica found: while the neighbour is `well` every replica may probe, and once it is `sick`
   * again one at a time. Rejects when the store is not available.
   */
  publish(breaker: string, found: 'well' | 'sick'): Promise<void>;
}
