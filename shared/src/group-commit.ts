/**
 * Sends writes that come at the same time as one command: the first goes at once, the others wait until a flight has
 * landed and then go together. Nobody hears anything before the command with its write has been acknowledged.
 *
 * A lone write is not delayed. Under load one round trip and one flush carry many writes.
 */

/** Limits of a group. */
export interface GroupSettings {
  /** Commands under way at once; more than one, so that a hung connection does not hold up all writes. */
  readonly maxFlights: number;
  /** Writes in one command. */
  readonly maxWrites: number;
}

/** Runs one write, together with others; settles as that write did. */
export type GroupedWrite<T, R> = (write: T) => Promise<R>;

/**
 * Groups writes. `send` gets one or more and answers one result for each, at the same place; when it rejects, the fate
 * of all of them is unknown, and all reject.
 */
export function groupCommit<T, R>(
  { maxFlights, maxWrites }: GroupSettings,
  send: (writes: readonly T[]) => Promise<readonly R[]>,
): GroupedWrite<T, R> {
  let waiting: Waiting<T, R>[] = [];
  let flights = 0;

  const fly = async () => {
    flights += 1;
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxWrites);
      waiting = waiting.slice(maxWrites);
      try {
        const results = await send(group.map(({ write }) => write));
        group.forEach(({ resolve }, index) => {
          resolve(results[index] as R);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    flights -= 1;
  };

  return (write) =>
    new Promise((resolve, reject) => {
      waiting.push({ write, resolve, reject });
      if (flights < maxFlights) void fly();
    });
}

interface Waiting<T, R> {
  readonly write: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}
