/**
 * The keys by which the hops of a chain know each other: one signs, several may be believed, so that none is refused
 * while they change.
 *
 * Keys are kept as objects that print nothing of themselves. Those of a shared database are in mongo-chain-keys.ts.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** The keys of a chain as one service knows them. */
export interface ChainKeys {
  /** Gets the keys; before it nothing can be signed or believed. */
  load(): Promise<void>;
  /** The key that signs now. */
  signing(): KeyObject;
  /** All keys that are believed. */
  believed(): readonly KeyObject[];
  /** Looks whether there are others by now; at most once a second. */
  renew(): Promise<void>;
}

/** A key as it is kept. */
export interface KeptKey {
  readonly key: string;
  /** It signs from then on; by then every service has read it. */
  readonly from: Date;
}

/** Milliseconds from the making of a key to its first signature: several times what a service takes to see it. */
export const signsAfterMs = 60_000;

/** Milliseconds for which a key that was replaced is believed at least: longer than any request is on its way. */
const outlivesMs = 600_000;

/** The keys that an operator gave, separated by commas: the first signs. */
export function createGivenKeys(given: string): ChainKeys {
  const keys = given.split(',').map(toKeyObject);
  return {
    load: async () => undefined,
    signing: () => firstOf(keys),
    believed: () => keys,
    renew: async () => undefined,
  };
}

/** Makes a key that nobody can guess. */
export function makeKey(from: Date): KeptKey {
  return { key: randomBytes(32).toString('base64url'), from };
}

/** Makes a kept key usable. */
export function toKeyObject(key: string): KeyObject {
  return createSecretKey(Buffer.from(key));
}

/** The newest of the keys whose time has come; the oldest of all to a clock that is behind. */
export function pickSigning<K extends Pick<KeptKey, 'from'>>(keys: readonly K[], now: number): K {
  const sorted = [...keys].sort((a, b) => b.from.getTime() - a.from.getTime());
  return sorted.find(({ from }) => from.getTime() <= now) ?? firstOf(sorted.toReversed());
}

/** Adds a key, and takes away those that had been replaced long enough. */
export function rotate(keys: readonly KeptKey[], now: Date): readonly KeptKey[] {
  const settled = now.getTime() - outlivesMs;
  const lastSettled = keys.map(({ from }) => from.getTime()).filter((from) => from <= settled);
  const oldest = Math.max(...lastSettled, Number.NEGATIVE_INFINITY);
  const kept = keys.filter(({ from }) => from.getTime() >= oldest);
  return [...kept, makeKey(new Date(now.getTime() + signsAfterMs))];
}

function firstOf<K>([first]: readonly K[]): K {
  if (first === undefined) throw new TypeError('the keys of the chain are not loaded');
  return first;
}
