/** A small pseudo-random generator with a seed, good enough to choose requests. */

/** Creates the generator of one seed; numbers from 0 to 1, 1 excluded (Tommy Ettinger's mulberry32, public domain). */
export function createSeeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
