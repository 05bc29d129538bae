/**
 * Sends writes that come at the same time as one command: the first goes at once, the others wait until a flight has
 * landed and then go together. Nobody hears anything before the command with its write has been acknowledged, and
 * everybody hears of its own write only.
 *
 * A lone write is not delayed. Under load one round trip and one flush carry many writes. A write for which nobody waits
 * any more is never sent: while a database hangs, what was given up would pile up, and hold up what comes afterwards.
 */

/** Limits of a group, and what has to be known of its writes. */
export interface GroupSettings<T> {
  /** Commands under way at once; more than one, so that a hung connection does not hold up all writes. */
  readonly maxFlights: number;
  /** Writes in one command. */
  readonly maxWrites: number;
  /** Bytes in one command. A write that is larger than this goes alone. */
  readonly maxBytes: number;
  /** Bytes that a write takes, never too few. One for which it throws goes alone. */
  readonly sizeOf: (write: T) => number;
  /** Tells of a command's error that nothing of the command was done, so that its writes may be sent once more. */
  readonly isUndone: (error: unknown) => boolean;
}

/**
 * Runs one write, together with others; settles as that write did. When `givenUp` fires before the write is on its way,
 * it rejects and is not sent.
 */
export type GroupedWrite<T, R> = (write: T, givenUp?: AbortSignal) => Promise<R>;

/**
 * Groups writes. `send` gets one or more and answers a result or an error for each, at the same place.
 *
 * When it rejects and nothing was done, one write is to blame: the group goes again in halves, until that one is
 * alone. When it rejects otherwise, the fate of all of them is unknown, and all reject.
 */
export function groupCommit<T, R>(
  { maxFlights, maxWrites, maxBytes, sizeOf, isUndone }: GroupSettings<T>,
  send: (writes: readonly T[]) => Promise<readonly (R | Error)[]>,
): GroupedWrite<T, R> {
  let waiting: Waiting<T, R>[] = [];
  let flights = 0;

  const fly = async () => {
    flights += 1;
    for (dropGivenUp(); waiting.length > 0; dropGivenUp()) {
      const count = countNext();
      const group = waiting.slice(0, count);
      waiting = waiting.slice(count);
      await carry(group);
    }
    flights -= 1;
  };

  function dropGivenUp(): void {
    for (const { givenUp, reject } of waiting) if (givenUp?.aborted) reject(givenUp.reason);
    waiting = waiting.filter(({ givenUp }) => !givenUp?.aborted);
  }

  /** How many of those that wait go together. A lone one is not measured: it goes in any case. */
  function countNext(): number {
    const most = Math.min(maxWrites, waiting.length);
    if (most === 1) return 1;
    let bytes = 0;
    const tooMany = waiting.slice(0, most).findIndex(({ write }) => {
      bytes += measure(write);
      return bytes > maxBytes;
    });
    return tooMany === -1 ? most : Math.max(1, tooMany);
  }

  function measure(write: T): number {
    try {
      return sizeOf(write);
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }

  async function carry(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await send(group.map(({ write }) => write));
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result instanceof Error) reject(result);
        else resolve(result as R);
      });
    } catch (error) {
      if (group.length > 1 && isUndone(error)) {
        const half = Math.ceil(group.length / 2);
        await carry(group.slice(0, half));
        await carry(group.slice(half));
      } else for (const { reject } of group) reject(error);
    }
  }

  return (write, givenUp) =>
    new Promise((resolve, reject) => {
      waiting.push({ write, givenUp, resolve, reject });
      if (flights < maxFlights) void fly();
    });
}

interface Waiting<T, R> {
  readonly write: T;
  readonly givenUp: AbortSignal | undefined;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}
