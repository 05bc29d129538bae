/**
 * Reads the documents of a chain for the audit: a few fields each, streamed, and looked up a thousand at a time.
 *
 * It uses the plain driver and the shape in durability.md, not the services' code: a checker that shares code with what
 * it checks shares its mistakes.
 */
import type { Collection, Db } from 'mongodb';
import { type ChainService, chain } from '../../chain.ts';

/** The fields of a stored document that the audit checks. */
export interface AuditedDocument {
  readonly _id: string;
  readonly state: string;
  readonly parent: string | null;
  readonly at: Date;
  /** The id of the part for the next service; absent at the end of the chain and in a refused document. */
  readonly child: string | undefined;
  readonly amount: number | undefined;
  /** The amount of that part. */
  readonly childAmount: number | undefined;
  /** Status of the stored answer, which a repeated request gets; `null` while there is none. */
  readonly answered: number | null;
  /** The last error of a document that is not finished. */
  readonly err: string | undefined;
  readonly ledger: readonly Movement[];
}

/** One movement of money. */
export interface Movement {
  readonly t: string;
  readonly amount: number;
}

/** The collections of a chain, the front door's first. */
export type Chain = readonly AuditedCollection[];

/** A service between its neighbours. */
export interface Link {
  readonly service: ChainService;
  /** Absent at the front door. */
  readonly before?: ChainService | undefined;
  /** Absent at the end of the chain. */
  readonly next?: ChainService | undefined;
}

/** One collection, for reading. */
export interface AuditedCollection {
  /** Of the collection. */
  readonly name: string;
  readonly link: Link;
  /** Every document, or those that were stored at `from` or later, in batches of at most a thousand. */
  batches(from?: Date): AsyncIterable<readonly AuditedDocument[]>;
  /** When the oldest document that is not finished was stored. */
  oldestUnfinished(): Promise<Date | undefined>;
  /** The documents with these ids, by id. */
  find(ids: readonly (string | null | undefined)[]): Promise<ReadonlyMap<string, AuditedDocument>>;
}

/** IDs of services, where they differ from the name. The collection is the ID with an "s". */
export type ServiceIds = Readonly<Record<string, string>>;

/** Documents in memory at once, and ids in one query. */
export const batchSize = 1000;

/** Opens the collection of every service of a chain. */
export function openChain(db: Db, ids: ServiceIds = {}, services: readonly ChainService[] = chain): Chain {
  return services.map((service, index) =>
    openCollection(db.collection(toCollection(service, ids)), {
      service,
      before: services[index - 1],
      next: services[index + 1],
    }),
  );
}

/** The name of a service's collection. */
export function toCollection({ name }: ChainService, ids: ServiceIds): string {
  return `${ids[name] ?? name}s`;
}

/** The states that there are; a document in another one is found when all are read. */
const knownStates = ['accepted', 'completed', 'cancelled', 'refunded', 'rejected', 'dead'] as const;

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

function openCollection(collection: Collection, link: Link): AuditedCollection {
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
    async *batches(from) {
      let batch: AuditedDocument[] = [];
      // With a time, through the index {state, at, _id}.
      const filter = from === undefined ? {} : { state: { $in: [...knownStates] }, at: { $gte: from } };
      for await (const stored of kept.find(filter, { projection, batchSize })) {
        batch.push(toKept(stored));
        if (batch.length < batchSize) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
    async oldestUnfinished() {
      const sort = { at: 1 } as const;
      const oldest = await kept.findOne({ state: 'accepted' }, { projection: { at: 1 }, sort });
      return oldest?.at;
    },
    async find(ids) {
      const asked = [...new Set(ids.filter((id) => typeof id === 'string'))];
      if (asked.length === 0) return new Map();
      const found = await kept.find({ _id: { $in: asked } }, { projection, batchSize }).toArray();
      return new Map(found.map((stored) => [stored._id, toKept(stored)]));
    },
  };

  function toKept({
    _id,
    state,
    parent = null,
    at,
    ledger = [],
    result,
    out,
    body,
  }: Stored): AuditedDocument {
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
      // An answer without a status cannot be sent.
      answered: result?.status ?? null,
      err: out?.err,
    };
  }
}
