/**
 * Virtual time: a queue of what is to happen, in the sequence of its moments; equal moments keep the sequence in which
 * they were planned. Nothing waits, and nothing runs beside it.
 */

/** Something planned; `null` when it was cancelled or has happened. */
export interface Planned {
  readonly atMs: number;
  readonly turn: number;
  work: (() => void) | null;
}

/** A clock that stands still until the next planned work runs. */
export interface VirtualTime {
  /** Milliseconds since the beginning. */
  nowMs: number;
  /** Plans `work` for so many milliseconds from now. */
  after(ms: number, work: () => void): Planned;
  /** Goes to the next planned work that was not cancelled and runs it; false when there is none. */
  runNext(): boolean;
}

/** Cancels what is planned; does nothing when it has happened. */
export function cancel(planned: Planned | null): void {
  if (planned !== null) planned.work = null;
}

/** Creates a time that begins at 0. */
export function createVirtualTime(): VirtualTime {
  // A binary heap; cancelled work stays in it until its moment comes.
  const heap: Planned[] = [];
  let planned = 0;
  const time: VirtualTime = { nowMs: 0, after, runNext };
  return time;

  function after(ms: number, work: () => void): Planned {
    const added = { atMs: time.nowMs + ms, turn: planned, work };
    planned += 1;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Planned;
      if (isSooner(above, added)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = added;
    return added;
  }

  function runNext(): boolean {
    for (let next = takeFirst(); next !== undefined; next = takeFirst()) {
      const { work } = next;
      if (work === null) continue;
      next.work = null;
      time.nowMs = next.atMs;
      work();
      return true;
    }
    return false;
  }

  function takeFirst(): Planned | undefined {
    const first = heap[0];
    const last = heap.pop();
    const { length } = heap;
    if (last === undefined || length === 0) return first;
    let index = 0;
    for (let child = 1; child < length; child = 2 * index + 1) {
      const right = child + 1;
      if (right < length && isSooner(heap[right] as Planned, heap[child] as Planned)) child = right;
      const below = heap[child] as Planned;
      if (isSooner(last, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isSooner(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn);
}
