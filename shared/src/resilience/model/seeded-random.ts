/**
 * Random numbers that depend on what they are for and not on what was drawn before: the service time of the k-th call
 * is the same whatever the policy does, so that policies are compared on the same calls.
 */

/** What a number is for. */
export const purposes = { arrival: 1, service: 2, angle: 3, error: 4, flaky: 5, wait: 6, open: 7, choice: 8 };

/** A number from 0 to 1, 1 excluded, for an attempt of a call, both counted from 0, or whatever else the two count. */
export function drawUnit(seed: number, purpose: number, index: number, attempt = 0): number {
  let mixed = mix(seed ^ Math.imul(purpose, 0x9e3779b1));
  mixed = mix(mixed ^ index);
  mixed = mix(mixed ^ Math.imul(attempt + 1, 0x85ebca6b));
  return (mixed >>> 0) / 2 ** 32;
}

/** The finalizer of MurmurHash3: every bit of the input changes half of the bits of the result. */
function mix(value: number): number {
  let mixed = value + 0x6d2b79f5;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
