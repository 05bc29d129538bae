/**
 * The keys by which the hops of a chain authenticate each other: one signs and several are accepted, so that no request
 * fails while keys are rotated.
 *
 * Keys are `KeyObject`s, which do not print their content. mongo-chain-keys.ts stores keys in a shared database.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** The keys of a chain as one service knows them. */
export interface ChainKeys {
  /** Loads the keys; before it nothing can be signed or verified. */
  load(): Promise<void>;
  /** The key that signs now. */
  signing(): KeyObject;
  /** All keys that are accepted. */
  accepted(): readonly KeyObject[];
  /** Reads the keys again; at most once a second. */
  renew(): Promise<void>;
}

/** A key as it is stored. */
export interface StoredKey {
  readonly key: string;
  /** It signs from then on, when every service has read it. */
  readonly from: Date;
}

/** Milliseconds from the creation of a key to its first signature: several times what a service takes to read it. */
const signsAfterMs = 60_000;

/** Minimum milliseconds for which a replaced key is accepted: longer than any request takes. */
const acceptedForMs = 600_000;

/** Creates the keys of a setting, separated by commas: the first signs. */
export function createGivenKeys(given: string): ChainKeys {
  const keys = given.split(',').map(toKeyObject);
  return {
    load: async () => undefined,
    signing: () => firstOf(keys),
    accepted: () => keys,
    renew: async () => undefined,
  };
}

/** Creates a random key. */
export function createKey(from: Date): StoredKey {
  return { key: randomBytes(32).toString('base64url'), from };
}

/** Converts a stored key. */
export function toKeyObject(key: string): KeyObject {
  return createSecretKey(Buffer.from(key));
}

/** The newest key whose `from` is past; the oldest key when none is, by a clock that is behind. */
export function pickSigning<K extends Pick<StoredKey, 'from'>>(keys: readonly K[], now: number): K {
  const sorted = [...keys].sort((a, b) => b.from.getTime() - a.from.getTime());
  return sorted.find(({ from }) => from.getTime() <= now) ?? firstOf(sorted.toReversed());
}

/** Adds a key, and removes those that were replaced long enough ago. */
export function rotate(keys: readonly StoredKey[], now: Date): readonly StoredKey[] {
  const cutoff = now.getTime() - acceptedForMs;
  const beforeCutoff = keys.map(({ from }) => from.getTime()).filter((from) => from <= cutoff);
  const oldestKept = Math.max(...beforeCutoff, Number.NEGATIVE_INFINITY);
  const kept = keys.filter(({ from }) => from.getTime() >= oldestKept);
  return [...kept, createKey(new Date(now.getTime() + signsAfterMs))];
}

function firstOf<K>([first]: readonly K[]): K {
  if (first === undefined) throw new TypeError('the keys of the chain are not loaded');
  return first;
}
