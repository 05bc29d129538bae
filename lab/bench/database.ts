/**
 * The database of the benchmark: a given one, or the embedded one as a process in a temporary folder.
 *
 * Each arm gets an empty database in each round, so that no arm is slowed by the documents of another.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { chain } from '../../chain.ts';
import { environmentWith } from '../../shared/src/core/config.ts';
import { startProcess } from './process.ts';

/** The number of documents in each collection after a round. */
export type DocumentCounts = Readonly<Record<(typeof chain)[number]['plural'], number>>;

/** The database server of a benchmark. */
export interface BenchDatabase {
  /** Its description for the head of the report. */
  readonly about: string;
  /** The URL of the database called `name`. */
  urlOf(name: string): string;
  count(name: string): Promise<DocumentCounts>;
  drop(name: string): Promise<void>;
  /** Processor time of the embedded server so far in milliseconds; `NaN` for a given one. */
  cpuMs(): Promise<number>;
  /** Megabytes of the embedded server in memory, the part of its file that it has read included; `NaN` for a given one. */
  residentMb(): Promise<number>;
  stop(): Promise<void>;
}

/** Opens the database at `url`, or starts the embedded one; `nodeFlags` are for its process. */
export async function openDatabase(
  url: string | undefined,
  nodeFlags: readonly string[] = [],
): Promise<BenchDatabase> {
  const server = url === undefined ? await startEmbedded(nodeFlags) : toGiven(url);
  const client = await new MongoClient(server.url, { maxPoolSize: 1 }).connect();
  const count = async (name: string, collection: string) => {
    const ids = client
      .db(name)
      .collection(collection)
      .find({}, { projection: { _id: 1 }, batchSize: 10_000 });
    let found = 0;
    while (await ids.hasNext()) found += ids.readBufferedDocuments().length;
    return found;
  };
  return {
    about: url === undefined ? 'the embedded one, in a temporary folder' : 'the one given with --mongo',
    urlOf: (name) => withName(server.url, name),
    async count(name) {
      const counts = chain.map(async ({ plural }) => [plural, await count(name, `${plural}`)] as const);
      return Object.fromEntries(await Promise.all(counts)) as DocumentCounts;
    },
    async drop(name) {
      await client.db(name).dropDatabase();
    },
    cpuMs: server.cpuMs,
    residentMb: server.residentMb,
    async stop() {
      await client.close();
      await server.stop();
    },
  };
}

async function startEmbedded(nodeFlags: readonly string[]) {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const server = await startProcess({
    script: fileURLToPath(new URL('../../embedded-mongo/src/main.ts', import.meta.url)),
    args: [],
    nodeFlags,
    env: environmentWith({
      MONGO_HOST: '127.0.0.1',
      MONGO_PORT: '0',
      MONGO_DATA_DIR: dataDir,
      EXIT_WITH_PARENT: '1',
    }),
  });
  return {
    url: server.url,
    cpuMs: server.cpuMs,
    residentMb: server.residentMb,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function toGiven(url: string) {
  const unknown = async () => Number.NaN;
  return { url, cpuMs: unknown, residentMb: unknown, stop: async () => undefined };
}

function withName(url: string, name: string): string {
  const [, server = url, query = ''] = /^(mongodb:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(url) ?? [];
  return `${server}/${name}${query}`;
}
