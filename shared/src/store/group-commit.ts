/**
 * Group commit: sends the writes of one turn of the event loop as one command. Those that come while it is in flight
 * wait for its end, or for a little while, and are then sent together. Each write resolves with its own result, after its
 * command was acknowledged.
 *
 * A lone write waits for the end of the turn only; under load one round trip and one flush serve many writes. A write
 * that is given up before it was sent is dropped: while a database hangs, such writes would pile up and delay later ones.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';

/** Limits of a group, and facts about its writes. */
export interface GroupSettings<T> {
  /** Commands in flight at once; more than one, so that a hung connection does not block all writes. */
  readonly maxInFlight: number;
  /** Milliseconds for which writes wait for the command in flight before another one takes them. */
  readonly patienceMs: number;
  /** Writes in one command. */
  readonly maxWrites: number;
  /** Bytes in one command. A larger write is sent alone. */
  readonly maxBytes: number;
  /** Size of a write in bytes, never too small. When it throws, the write is sent alone. */
  readonly sizeOf: (write: T) => number;
  /** Whether an error means that nothing of the command was done, so that its writes may be sent again. */
  readonly isUndone: (error: unknown) => boolean;
}

/** Whether a write is given up, and why. An `AbortSignal` is one; nothing is told, it is only asked. */
export type GivenUp = { readonly aborted: boolean; readonly reason?: unknown };

/**
 * Runs one write, together with others; resolves or rejects with the result of that write. When it is given up before
 * it is sent, it rejects.
 */
export type GroupedWrite<T, R> = (write: T, givenUp?: GivenUp) => Promise<R>;

/**
 * Groups writes. `send` gets one or more and resolves to a result or an error for each, at the same index.
 *
 * When it rejects and nothing was done, the group is sent again in halves, until the write that causes the error is
 * alone. When it rejects otherwise, it is unknown which writes are done, and all reject.
 */
export function groupCommit<T, R>(
  { maxInFlight, patienceMs, maxWrites, maxBytes, sizeOf, isUndone }: GroupSettings<T>,
  send: (writes: readonly T[]) => Promise<readonly (R | Error)[]>,
): GroupedWrite<T, R> {
  let waiting: Waiting<T, R>[] = [];
  let inFlight = 0;
  let patience: NodeJS.Timeout | undefined;

  const sendAll = async () => {
    inFlight += 1;
    await endOfTurn();
    for (dropGivenUp(); waiting.length > 0; dropGivenUp()) {
      clearTimeout(patience);
      patience = undefined;
      const count = countNext();
      const group = waiting.slice(0, count);
      waiting = waiting.slice(count);
      await sendGroup(group);
    }
    inFlight -= 1;
  };

  function endPatience(): void {
    patience = undefined;
    void sendAll();
  }

  function dropGivenUp(): void {
    for (const { givenUp, reject } of waiting) if (givenUp?.aborted) reject(givenUp.reason);
    waiting = waiting.filter(({ givenUp }) => !givenUp?.aborted);
  }

  /** How many waiting writes are sent next. A single one is not measured, since it is sent in any case. */
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

  async function sendGroup(group: readonly Waiting<T, R>[]): Promise<void> {
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
        await sendGroup(group.slice(0, half));
        await sendGroup(group.slice(half));
      } else for (const { reject } of group) reject(error);
    }
  }

  return (write, givenUp) =>
    new Promise((resolve, reject) => {
      waiting.push({ write, givenUp, resolve, reject });
      if (inFlight === 0) void sendAll();
      else if (inFlight < maxInFlight) patience ??= setTimeout(endPatience, patienceMs);
    });
}

interface Waiting<T, R> {
  readonly write: T;
  readonly givenUp: GivenUp | undefined;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}
