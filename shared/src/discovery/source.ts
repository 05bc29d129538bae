/** The interface of every kind of discovery. */

/** The instances that a source knows. */
export interface Found {
  /** The create endpoints of all known instances. */
  readonly urls: readonly string[];
  /** Why the list may be incomplete, in a sentence; `undefined` without a problem. */
  readonly problem: string | undefined;
}

/** A running source. */
export interface Source {
  stop(): Promise<void>;
}
