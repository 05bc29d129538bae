/**
 * Virtual time: a seeded random source and a queue of events, so that a history of hours runs in milliseconds and the
 * same seed always brings the same history.
 */
import { setImmediate as settle } from 'node:timers/promises';

/** One simulated world. */
export interface World {
  now(): number;
  /** From 0 to 1, 1 excluded. */
  random(): number;
  chance(ratio: number): boolean;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  at(delayMs: number, event: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Runs events until none is left, `done` says so, or the time is over. */
  run(untilMs: number, done?: () => boolean): Promise<void>;
}

/** Creates the world of one seed. */
export function createWorld(seed: number): World {
  const random = mulberry32(seed);
  const queue: { at: number; order: number; event: () => void }[] = [];
  let now = 0;
  let order = 0;

  const world: World = {
    now: () => now,
    random,
    chance: (ratio) => random() < ratio,
    between: (min, max) => min + Math.floor(random() * (max - min + 1)),
    at(delayMs, event) {
      const entry = { at: now + Math.max(0, delayMs), order: order++, event };
      let index = queue.length;
      while (index > 0 && isLater(queue[index - 1] as typeof entry, entry)) index -= 1;
      queue.splice(index, 0, entry);
    },
    sleep: (ms) => new Promise((resolve) => world.at(ms, resolve)),
    async run(untilMs, done = () => false) {
      await settle();
      for (let next = queue[0]; next !== undefined && next.at <= untilMs && !done(); next = queue[0]) {
        queue.shift();
        now = next.at;
        next.event();
        await settle();
      }
    },
  };
  return world;
}

function isLater(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at > b.at || (a.at === b.at && a.order > b.order);
}

/** A small seeded generator (Tommy Ettinger's mulberry32, public domain): good enough to choose faults by. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
