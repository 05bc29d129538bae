/** What every way of finding instances has in common. */

/** What a source knows at the moment. */
export interface Found {
  /** The create endpoints of all instances that it knows. */
  readonly urls: readonly string[];
  /** Why it may not know all of them, in a sentence; `undefined` when all is well. */
  readonly problem: string | undefined;
}

/** A source that is being watched. */
export interface Source {
  stop(): Promise<void>;
}
