/**
 * The keys of the chain in the database that its hops share: one document, made by the first hop that starts.
 *
 * A service looks at it again every ten seconds while it works, and at once when it meets a proof that it does not know.
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

/** Milliseconds between two looks: while there is work, and at most, whatever proofs come. */
const lookMs = { usual: 10_000, shortest: 1000 } as const;

/** Opens the keys; `clock` tells the time of day, `elapsed` milliseconds that never run backwards. */
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
      lookNow(lookMs.usual).catch(() => undefined); // what is known serves until the database is back
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

  /** Writes even when the key is there: the answer then means that it is there for good. */
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
      // Two who insert at once: the second is refused, and finds the first one's when it asks again.
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
