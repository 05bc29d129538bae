/**
 * How much memory the work in progress may hold: what a sort, a group or an open cursor keeps of documents, together.
 * MongoDB gives each such stage 100 MiB (https://www.mongodb.com/docs/manual/core/aggregation-pipeline-limits/).
 */
import { CommandError } from '../core/errors.ts';

/** One sort, group, facet or cursor holds at most so many bytes. */
export const MAX_HELD_BYTES = 100 * 1024 * 1024;
/** All of them together hold at most so many bytes. */
export const MAX_HELD_IN_ALL_BYTES = 256 * 1024 * 1024;

/** What is counted for a document or value beside its own bytes. */
const OVERHEAD_BYTES = 200;

/** What one piece of work holds. */
export interface Holding {
  /**
   * Counts something more that is kept.
   *
   * @throws {CommandError} QueryExceededMemoryLimitNoDiskUseAllowed when that is too much, for it or in all.
   */
  add(bytes: number): void;
  /** Gives back what was counted. */
  end(): void;
}

/** The memory of one server's work in progress. */
export class Memory {
  private inAll = 0;

  /** How many bytes are held. */
  get held(): number {
    return this.inAll;
  }

  /** Begins to count for one piece of work. */
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
