/**
 * The documents of a chain as the audit reads them: a few fields each, streamed, and joined a thousand at a time.
 *
 * It uses the plain driver and knows the shape from durability.md, not from the services' code: a checker that shares
 * code with what it checks shares its mistakes.
 */
import type { Collection, Db } from 'mongodb';
import { type ChainService, chain } from '../../chain.ts';

/** What the audit needs of a document, of whichever collection. */
export interface Kept {
  readonly _id: string;
  readonly state: string;
  readonly parent: string | null;
  readonly at: Date;
  /** The id of the part that is handed on; absent at the end of the chain and in a refused document. */
  readonly child: string | undefined;
  readonly amount: number | undefined;
  /** The amount of the part that is handed on. */
  readonly childAmount: number | undefined;
  /** Status of the stored answer, which everybody gets who asks again; `null` while there is none. */
  readonly answered: number | null;
  /** Why it is not finished. */
  readonly err: string | undefined;
  readonly ledger: readonly Movement[];
}

/** One movement of money. */
export interface Movement {
  readonly t: string;
  readonly amount: number;
}

/** The collections of a chain, the front door's first. */
export type Chain = readonly Shelf[];

/** A service between its neighbours. */
export interface Link {
  readonly service: ChainService;
  /** Absent at the front door. */
  readonly before?: ChainService | undefined;
  /** Absent at the end of the chain. */
  readonly next?: ChainService | undefined;
}

/** One collection, for reading. */
export interface Shelf {
  /** Of the collection. */
  readonly name: string;
  readonly link: Link;
  /** Every document, in batches of at most a thousand. */
  batches(): AsyncIterable<readonly Kept[]>;
  /** The documents with these ids, by id. */
  find(ids: readonly (string | null | undefined)[]): Promise<ReadonlyMap<string, Kept>>;
}

/** The IDs of services that have another than their name; a service keeps its documents in its ID and an "s". */
export type ServiceIds = Readonly<Record<string, string>>;

/** Documents that are in memory at once, and ids in one question. */
export const batchSize = 1000;

/** Opens the collections of every service of a chain; each names the part in its documents after the next. */
export function openChain(db: Db, ids: ServiceIds = {}, services: readonly ChainService[] = chain): Chain {
  return services.map((service, index) =>
    openShelf(db.collection(toCollection(service, ids)), {
      service,
      before: services[index - 1],
      next: services[index + 1],
    }),
  );
}

/** Where a service keeps its documents. */
export function toCollection({ name }: ChainService, ids: ServiceIds): string {
  return `${ids[name] ?? name}s`;
}

interface Stored {
  readonly _id: string;
  readonly state: string;
  readonly parent?: string | null;
  readonly at: Date;
  readonly ledger?: readonly Movement[];
  readonly result?: { readonly status?: number } | null;
  readonly out?: { readonly err?: string };
  readonly body?: { readonly amount?: number } & Readonly<Record<string, Part | unknown>>;
}

interface Part {
  readonly id?: string;
  readonly amount?: number;
}

function openShelf(collection: Collection, link: Link): Shelf {
  const kept = collection as unknown as Collection<Stored>;
  const childField = link.next?.name;
  const projection = {
    state: 1,
    parent: 1,
    at: 1,
    ledger: 1,
    'result.status': 1,
    'out.err': 1,
    'body.amount': 1,
    ...(childField === undefined ? {} : { [`body.${childField}.id`]: 1, [`body.${childField}.amount`]: 1 }),
  };

  return {
    name: collection.collectionName,
    link,
    async *batches() {
      let batch: Kept[] = [];
      for await (const stored of kept.find({}, { projection, batchSize })) {
        batch.push(toKept(stored));
        if (batch.length < batchSize) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
    async find(ids) {
      const asked = [...new Set(ids.filter((id) => typeof id === 'string'))];
      if (asked.length === 0) return new Map();
      const found = await kept.find({ _id: { $in: asked } }, { projection, batchSize }).toArray();
      return new Map(found.map((stored) => [stored._id, toKept(stored)]));
    },
  };

  function toKept({ _id, state, parent = null, at, ledger = [], result, out, body }: Stored): Kept {
    const part = childField === undefined ? undefined : (body?.[childField] as Part | undefined);
    return {
      _id,
      state,
      parent,
      at,
      ledger,
      child: part?.id,
      childAmount: part?.amount,
      amount: body?.amount,
      // An answer that has no status is none that anybody could get.
      answered: result?.status ?? null,
      err: out?.err,
    };
  }
}
