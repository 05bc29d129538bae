/**
 * The keys of the chain in the database that its hops share: one document, created by the first hop that starts.
 *
 * A working service reads it again every ten seconds, and at once when it gets a proof by an unknown key.
 */
import type { KeyObject } from 'node:crypto';
import { type ChainKeys, createKey, pickSigning, type StoredKey, toKeyObject } from '../proof/chain-keys.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Database } from './database.ts';
import { isDuplicateKey } from './mongo-fault.ts';

/** The document that holds the keys, in the collection `chain`. */
export interface KeyDocument {
  readonly _id: 'key';
  readonly keys: readonly StoredKey[];
}

interface LoadedKey {
  readonly kept: StoredKey;
  readonly from: Date;
  readonly key: KeyObject;
}

const durable = { w: 'majority', j: true } as const;

/** Minimum milliseconds between two reads: usually, and after a proof by an unknown key. */
const refreshMs = { usual: 10_000, shortest: 1000 } as const;

/** Opens the keys; `clock` is the wall clock, `elapsed` a monotonic one in milliseconds. */
export function createMongoChainKeys(
  { connection, timeLimits, bounded }: Database,
  { clock, elapsed = () => performance.now() }: { clock: Clock; elapsed?: Clock },
): ChainKeys {
  const collection = () => connection.collection<KeyDocument>('chain');
  let loaded: readonly LoadedKey[] = [];
  let accepted: readonly KeyObject[] = [];
  let reading = Promise.resolve();
  let readAt = Number.NEGATIVE_INFINITY;

  return {
    load,
    signing() {
      void refresh(refreshMs.usual);
      return pickSigning(loaded, clock()).key;
    },
    accepted() {
      void refresh(refreshMs.usual);
      return accepted;
    },
    renew: () => refresh(refreshMs.shortest),
  };

  function refresh(ageMs: number): Promise<void> {
    if (elapsed() - readAt < ageMs) return reading;
    readAt = elapsed();
    reading = read();
    reading.catch(() => undefined); // the known keys are used until the database is back
    return reading;
  }

  async function read(): Promise<void> {
    const document = await bounded(false, () =>
      collection().findOne({ _id: 'key' }, { maxTimeMS: timeLimits.serverMs }),
    );
    if (document === null) return load();
    setKeys(document);
  }

  /** Writes even when the key exists: the acknowledgement means that it is durable. */
  function load(): Promise<void> {
    readAt = elapsed();
    return bounded(null, async () => {
      const keys = loaded.length === 0 ? [createKey(new Date(clock()))] : loaded.map(({ kept }) => kept);
      const write = () =>
        collection().findOneAndUpdate(
          { _id: 'key' },
          { $setOnInsert: { keys } },
          { upsert: true, returnDocument: 'after', writeConcern: durable, maxTimeMS: timeLimits.serverMs },
        );
      // Of two inserts at once the second fails, and finds the first one's key when it is repeated.
      const document = await write().catch((error: unknown) => {
        if (isDuplicateKey(error)) return write();
        throw error;
      });
      if (document !== null) setKeys(document);
    });
  }

  function setKeys({ keys }: KeyDocument): void {
    loaded = keys.map((kept) => ({ kept, from: kept.from, key: toKeyObject(kept.key) }));
    accepted = loaded.map(({ key }) => key);
  }
}
