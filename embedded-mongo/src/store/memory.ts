/**
 * The memory limit of work in progress: documents in sorts, groups and open cursors. MongoDB gives each such stage 100
 * MiB (https://www.mongodb.com/docs/manual/core/aggregation-pipeline-limits/).
 */
import { CommandError } from '../core/errors.ts';

/** The limit of bytes for one sort, group, facet or cursor. */
export const MAX_HELD_BYTES = 100 * 1024 * 1024;
/** The limit of bytes for all of them together. */
export const MAX_HELD_IN_ALL_BYTES = 256 * 1024 * 1024;

/** What is counted for a document or value beside its own bytes. */
const OVERHEAD_BYTES = 200;

/** The memory of one sort, group, facet or cursor. */
export interface Holding {
  /**
   * Adds bytes.
   *
   * @throws {CommandError} QueryExceededMemoryLimitNoDiskUseAllowed above the limit for it or for all.
   */
  add(bytes: number): void;
  /** Releases the bytes. */
  end(): void;
}

/** The memory of one server's work in progress. */
export class Memory {
  private inAll = 0;

  /** The number of bytes held. */
  get held(): number {
    return this.inAll;
  }

  /** Begins to count for one of them. */
  open(): Holding {
    let own = 0;
    return {
      add: (bytes) => {
        own += bytes + OVERHEAD_BYTES;
        this.inAll += bytes + OVERHEAD_BYTES;
        if (own <= MAX_HELD_BYTES && this.inAll <= MAX_HELD_IN_ALL_BYTES) return;
        throw new CommandError(
          'QueryExceededMemoryLimitNoDiskUseAllowed',
          own > MAX_HELD_BYTES
            ? `exceeded memory limit of ${MAX_HELD_BYTES} bytes; the embedded database does not sort on disk`
            : `exceeded memory limit of ${MAX_HELD_IN_ALL_BYTES} bytes for all commands and cursors together`,
        );
      },
      end: () => {
        this.inAll -= own;
        own = 0;
      },
    };
  }
}
