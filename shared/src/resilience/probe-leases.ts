/**
 * Agreement on who probes: replicas with a breaker to the same neighbour need one probe per open period, not one each.
 *
 * It is advice. Whoever cannot ask decides alone, so that a database that is away never keeps a breaker open.
 * The leases that a database keeps are in mongo-leases.ts.
 */

/** Leases on probes, one for each name of a breaker. */
export interface ProbeLeases {
  /**
   * Asks for the probe of `breaker` for `forMs` milliseconds; answers 0 when it is the caller's, else the milliseconds
   * until it may be asked for again. Rejects when nobody can be asked.
   */
  ask(breaker: string, forMs: number): Promise<number>;
  /**
   * Tells the others what this replica has found out: while the neighbour is `well` everybody may probe, and once it is
   * `sick` again one at a time. Rejects when nobody can be told.
   */
  emit(breaker: string, found: 'well' | 'sick'): Promise<void>;
}
