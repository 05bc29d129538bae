/**
 * The faults of one request, as a hop applies them: before and after the save. fault-gate.ts implements them.
 */

/** The faults of one request. Both methods reject with an `InjectedError` when the request ends there. */
export interface RequestFaults {
  /** Called before the document is saved. */
  before(): Promise<void>;
  /** Called after it was saved. */
  after(): Promise<void>;
}

/** No faults. */
export const noFaults: RequestFaults = { before: async () => undefined, after: async () => undefined };
