/**
 * The figures of docs/scaling.md that come from a database: what an order costs in processor time and bytes, what an
 * index entry takes, and what claiming costs when many relays ask at once.
 *
 *     npx --no-install node deploy/mongo-replica-set/measure.ts [--orders 100000] [--real 3000] [--mongo mongodb://…]
 *
 * `--real` orders go through the services as processes; copies of the stored documents fill the collections up to
 * `--orders`. Without `--mongo` the embedded database is used, whose index sizes are derived from the growth of its
 * file. It needs the lab (lab/bench), and a real MongoDB only gets databases of its own name, which are dropped at the
 * end.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BSON, type Collection, type Db, type Document, MongoClient } from 'mongodb';
import { chain } from '../../chain.ts';
import { startEmbeddedMongo } from '../../embedded-mongo/src/server.ts';
import { type RunningProcess, startProcess } from '../../lab/bench/process.ts';
import { drawTable } from '../../lab/measure/draw-table.ts';
import { type Command, parseCommandLine, readArguments } from '../../shared/src/core/command-line.ts';
import { freeText, wholeNumber } from '../../shared/src/core/command-options.ts';
import { environmentWith } from '../../shared/src/core/config.ts';
import { announce, complain } from '../../shared/src/observability/log.ts';
import { createDatabase } from '../../shared/src/store/database.ts';
import { createMongoRecords } from '../../shared/src/store/mongo-records.ts';

type Copy = Document & { readonly _id: string };

const root = fileURLToPath(new URL('../../', import.meta.url));
const collections = chain.map(({ plural }) => plural);
const command = {
  name: 'npx --no-install node deploy/mongo-replica-set/measure.ts',
  does: 'Measures what an order costs the database: processor time, bytes, index entries, and claims by many relays.',
  options: {
    orders: wholeNumber({
      min: 500,
      max: 10_000_000,
      fallback: 100_000,
      about: 'documents of each collection',
    }),
    real: wholeNumber({ min: 500, max: 10_000_000, fallback: 3000, about: 'orders through real services' }),
    mongo: freeText({
      value: 'URL',
      range: 'a mongodb:// URL',
      about: 'a database instead of the embedded one',
    }),
  },
  example: 'npx --no-install node deploy/mongo-replica-set/measure.ts --orders 10000',
} satisfies Command;
const { orders, real, mongo } = readArguments(command, (args) => parseCommandLine(command, args).values, {
  announce,
  complain,
});

const folder = await mkdtemp(join(tmpdir(), 'holdfast-scale-'));
const embedded =
  mongo === undefined ? await startEmbeddedMongo({ host: '127.0.0.1', port: 0, dataDir: folder }) : undefined;
const url = (embedded?.url ?? mongo ?? '').replace(/\/+$/, '');
const client = await new MongoClient(url).connect();
const names = ['scale-real', 'scale-copies'] as const;
try {
  for (const name of names) await client.db(name).dropDatabase();
  announce(`Database: ${embedded === undefined ? mongo : 'the embedded one'}; Node ${process.version}.\n`);
  announce(`${await measureServices()}\n`);
  announce(`${await measureSizes()}\n`);
  announce(await measureClaims());
} finally {
  for (const name of names) await client.db(name).dropDatabase();
  await client.close();
  await embedded?.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Sends real orders through real services: processor time and memory of each. */
async function measureServices(): Promise<string> {
  const services: RunningProcess[] = [];
  const start = async (id: string, folder: string, next: string) => {
    const env = environmentWith({
      ID: id,
      PORT: '0',
      HOST: '127.0.0.1',
      MONGO_URL: `${url}/scale-real`,
      CHAIN_SVC: next,
      LOG_LEVEL: 'warn',
      DRAIN_MS: '0',
    });
    const service = await startProcess({ script: join(root, folder, 'src/main.ts'), args: [], env });
    services.unshift(service);
    return `${service.url}/create`;
  };
  try {
    let front = '';
    for (const { name, folder } of chain.toReversed()) front = await start(name, folder, front);
    await send(front, { from: 0, to: Math.min(500, real) });
    const before = await Promise.all(services.map((service) => service.cpuMs()));
    const counted = await send(front, { from: 500, to: 500 + real });
    const after = await Promise.all(services.map((service) => service.cpuMs()));
    const memory = await Promise.all(services.map(readMemory));
    return drawTable(
      [`${counted} orders, 32 clients`, 'CPU ms/order', 'orders/s of one core', 'memory MB'],
      chain.map(({ name }, index) => {
        const ms = ((after[index] ?? Number.NaN) - (before[index] ?? Number.NaN)) / counted;
        return [
          name,
          ms.toFixed(2),
          Math.round(1000 / ms).toString(),
          Math.round(memory[index] ?? 0).toString(),
        ];
      }),
    );
  } finally {
    for (const service of services) await service.stop();
  }
}

/** Sends orders from 32 clients and counts those that were completed at once. */
async function send(front: string, { from, to }: { from: number; to: number }): Promise<number> {
  let next = from;
  let completed = 0;
  const work = async () => {
    while (next < to) {
      const body = JSON.stringify(createOrder(next++));
      const answer = await fetch(front, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      await answer.arrayBuffer();
      if (answer.status === 200) completed += 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, work));
  return completed;
}

async function readMemory(service: RunningProcess): Promise<number> {
  const text = await (await fetch(`${new URL(service.url).origin}/metrics`)).text();
  return Number(/^process_resident_memory_bytes\S* (\S+)$/m.exec(text)?.[1]) / 1024 / 1024;
}

/** An order with three lines, as a shop would send it. */
function createOrder(n: number): Document {
  const id = `2026-${String(n).padStart(9, '0')}`;
  const items = [1, 2, 3].map((line) => ({
    sku: `SKU-${n % 997}-${line}`,
    name: 'A thing with a name',
    quantity: line,
    price: 19.9,
  }));
  const shipment = { id: `${id}-s`, directions: '12 Example Street, 12345 Exampletown' };
  return { id, date: '2026-01-02T03:04:05Z', items, payment: { id: `${id}-p`, amount: 119.4, shipment } };
}

/** Fills the collections with copies of the stored documents; measures bytes of a document and of an index entry. */
async function measureSizes(): Promise<string> {
  const rows: string[][] = [];
  for (const name of collections) {
    const kept = await client
      .db('scale-real')
      .collection(name)
      .find({ state: 'completed' })
      .limit(500)
      .toArray();
    if (kept.length === 0) throw new Error(`${name} holds no completed document to copy.`);
    const db = client.db('scale-copies');
    const copies = db.collection<Copy>(name);
    const before = await sizeOf(db);
    for (let n = 0; n < orders; n += 500) {
      await copies.insertMany(
        Array.from({ length: Math.min(500, orders - n) }, (_, index) =>
          copyOf(kept[index % kept.length] as Document, n + index),
        ),
      );
    }
    const filled = await sizeOf(db);
    await copies.createIndex({ state: 1, at: 1, _id: 1 }, { name: 'state' });
    const withState = await sizeOf(db);
    await copies.createIndex(
      { 'out.due': 1 },
      { name: 'due', partialFilterExpression: { 'out.due': { $exists: true } } },
    );
    const indexes = await readIndexSizes(db, name);
    const bson = kept.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0) / kept.length;
    const each = (bytes: number) => (bytes / orders).toFixed(0);
    rows.push([
      name,
      bson.toFixed(0),
      each(filled - before),
      indexes === undefined ? 'in the file' : each(indexes._id_ ?? 0),
      indexes === undefined ? each(withState - filled) : each(indexes.state ?? 0),
    ]);
  }
  return drawTable(
    [`${orders} each`, 'BSON bytes/document', 'bytes on disk/document', '_id entry', '{state, at} entry'],
    rows,
  );
}

function copyOf(document: Document, n: number): Copy {
  const [, , rest = ''] = `${document._id}`.split('-');
  return {
    ...document,
    _id: `2027-${String(n).padStart(9, '0')}${rest === '' ? '' : `-${rest}`}`,
    at: new Date(document.at.getTime() + n),
  };
}

/** The size of the folder, or of the collections of a real database. */
async function sizeOf(db: Db): Promise<number> {
  if (embedded === undefined) {
    await client.db('admin').command({ fsync: 1 });
    return (await db.stats()).storageSize;
  }
  const files = await readdir(folder, { recursive: true });
  const stats = await Promise.all(files.map((file) => stat(join(folder, file))));
  return stats.reduce((sum, { blocks }) => sum + blocks * 512, 0);
}

async function readIndexSizes(db: Db, name: string): Promise<Record<string, number> | undefined> {
  if (embedded !== undefined) return undefined;
  const [stats] = await db
    .collection(name)
    .aggregate([{ $collStats: { storageStats: {} } }])
    .toArray();
  return stats?.storageStats.indexSizes;
}

/** Measures concurrent claims, with many, few and no pending documents, and counting the backlog. */
async function measureClaims(): Promise<string> {
  const database = createDatabase(`${url}/scale-copies`);
  await database.connect(complain);
  const records = createMongoRecords(database, 'orders');
  const copies = client.db('scale-copies').collection<Copy>('orders');
  const rows: string[][] = [];
  try {
    for (const pending of [0, 1000, Math.min(orders, 50_000)]) {
      await setPending(copies, pending);
      const countMs = await time(5, () => records.backlog(new Date()));
      for (const relays of [1, 4, 16]) {
        const each = 800 / relays;
        const startedAt = performance.now();
        let claimed = 0;
        await Promise.all(
          Array.from({ length: relays }, async (_, relay) => {
            for (let n = 0; n < each; n += 1) {
              const due = new Date(Date.now() + 600_000);
              if ((await records.claim({ by: `relay-${relay}/${n}`, due }, new Date())) !== undefined)
                claimed += 1;
            }
          }),
        );
        const tookMs = performance.now() - startedAt;
        rows.push([
          `${pending}`,
          `${relays}`,
          `${claimed} of 800`,
          ((tookMs * relays) / 800).toFixed(2),
          Math.round(800_000 / tookMs).toString(),
          countMs.toFixed(1),
        ]);
        await setPending(copies, pending);
      }
    }
  } finally {
    await database.close();
  }
  return drawTable(
    ['pending', 'relays', 'claimed', 'ms/claim', 'claims/s', 'counting the backlog, ms'],
    rows,
  );
}

/** Makes exactly the first `pending` documents pending and due. */
async function setPending(copies: Collection<Copy>, pending: number): Promise<void> {
  const now = Date.now();
  const first = `2027-${String(pending).padStart(9, '0')}`;
  const out = { by: null, n: 0, fails: 0, firstAt: new Date(now), hop: 1, via: [] };
  await copies.updateMany({ state: 'accepted' }, { $set: { state: 'completed' }, $unset: { out: 1 } });
  if (pending === 0) return;
  await copies.updateMany(
    { _id: { $lt: first } },
    { $set: { state: 'accepted', out: { ...out, due: new Date(now - 1000) } } },
  );
}

async function time(times: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < times; n += 1) await work();
  return (performance.now() - startedAt) / times;
}
