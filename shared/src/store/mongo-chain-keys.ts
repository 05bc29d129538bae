/**
 * The keys of the chain in the database that its hops share: one document, created by the first hop that starts.
 *
 * A working service reads it again every ten seconds, and at once when it gets a proof by an unknown key.
 */
import type { KeyObject } from 'node:crypto';
import { type ChainKeys, type KeptKey, makeKey, pickSigning, toKeyObject } from '../proof/chain-keys.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Database } from './database.ts';

/** The document that holds the keys, in the collection `chain`. */
export interface KeyDocument {
  readonly _id: 'key';
  readonly keys: readonly KeptKey[];
}

interface Known {
  readonly kept: KeptKey;
  readonly from: Date;
  readonly key: KeyObject;
}

const durable = { w: 'majority', j: true } as const;
const duplicateKey = 11_000;

/** Minimum milliseconds between two reads: usually, and after a proof by an unknown key. */
const lookMs = { usual: 10_000, shortest: 1000 } as const;

/** Opens the keys; `clock` is the wall clock, `elapsed` a monotonic one in milliseconds. */
export function createMongoChainKeys(
  { connection, patience, bounded }: Database,
  { clock, elapsed = () => performance.now() }: { clock: Clock; elapsed?: Clock },
): ChainKeys {
  const shelf = () => connection.collection<KeyDocument>('chain');
  let known: readonly Known[] = [];
  let look = Promise.resolve();
  let lookedAt = Number.NEGATIVE_INFINITY;

  return {
    load,
    signing() {
      lookNow(lookMs.usual).catch(() => undefined); // the known keys are used until the database is back
      return pickSigning(known, clock()).key;
    },
    believed() {
      lookNow(lookMs.usual).catch(() => undefined);
      return known.map(({ key }) => key);
    },
    renew: () => lookNow(lookMs.shortest),
  };

  function lookNow(ageMs: number): Promise<void> {
    if (elapsed() - lookedAt < ageMs) return look;
    lookedAt = elapsed();
    look = read();
    return look;
  }

  async function read(): Promise<void> {
    const document = await bounded(false, () =>
      shelf().findOne({ _id: 'key' }, { maxTimeMS: patience.serverMs }),
    );
    if (document === null) return load();
    know(document);
  }

  /** Writes even when the key exists: the acknowledgement means that it is durable. */
  function load(): Promise<void> {
    lookedAt = elapsed();
    return bounded(null, async () => {
      const keys = known.length === 0 ? [makeKey(new Date(clock()))] : known.map(({ kept }) => kept);
      const write = () =>
        shelf().findOneAndUpdate(
          { _id: 'key' },
          { $setOnInsert: { keys } },
          { upsert: true, returnDocument: 'after', writeConcern: durable, maxTimeMS: patience.serverMs },
        );
      // Of two inserts at once the second fails, and finds the first one's key when it is repeated.
      const document = await write().catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === duplicateKey) return write();
        throw error;
      });
      if (document !== null) know(document);
    });
  }

  function know({ keys }: KeyDocument): void {
    known = keys.map((kept) => ({ kept, from: kept.from, key: toKeyObject(kept.key) }));
  }
}
