/**
 * The databases the contract is checked against: the embedded one, and a real MongoDB when MONGO_URL names it.
 * Each case cites the page of MongoDB's manual it takes its expectation from.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, type Db, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { startEmbeddedMongo } from '../../src/server.ts';

/** What a case gets: an empty collection and its database. */
export interface World {
  db: Db;
  client: MongoClient;
  c: Collection<Document>;
}

/** Where the citations lead. */
const MANUAL = 'https://www.mongodb.com/docs/manual/';

/** Writes one case down: what holds, where the manual says so, and how to see it. */
export type Check = (says: string, page: string, run: (world: World) => Promise<void>) => void;

/** Runs the cases of one topic against every database there is. */
export function contract(topic: string, define: (check: Check) => void): void {
  const real = process.env.MONGO_URL;
  for (const name of real ? ['embedded', 'MongoDB'] : ['embedded']) {
    describe(`${topic} (${name})`, () => {
      const world = {} as World;
      let stop = async () => {};
      beforeAll(async () => {
        const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
        const embedded = name === 'embedded' ? await startEmbeddedMongo({ dataDir: folder }) : undefined;
        world.client = await MongoClient.connect(embedded?.url ?? (real as string), {
          serverSelectionTimeoutMS: 3000,
        });
        world.db = world.client.db(`contract_${process.pid}_${topic.replace(/\W/g, '_').slice(0, 30)}`);
        stop = async () => {
          await world.db.dropDatabase();
          await world.client.close();
          await embedded?.stop();
          rmSync(folder, { recursive: true, force: true });
        };
      });
      beforeEach(async () => {
        world.c = world.db.collection('things');
        await world.c.drop();
      });
      afterAll(() => stop());
      define((says, page, run) => it(`${says} [${MANUAL}${page}]`, () => run(world)));
    });
  }
}
