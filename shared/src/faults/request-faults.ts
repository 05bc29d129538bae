/**
 * What a hop knows of faults: that something may happen to a request before and after the save.
 *
 * What happens, and to which connection, is in fault-gate.ts.
 */

/** What may happen to one request. Both reject with an `InjectedError` when the request ends there. */
export interface RequestFaults {
  /** Before the document is kept. */
  before(): Promise<void>;
  /** After it was kept. */
  after(): Promise<void>;
}

/** Nothing happens. */
export const noFaults: RequestFaults = { before: async () => undefined, after: async () => undefined };
