/**
 * `npm run bench -w embedded-mongo`: the figures of the README. The server runs as its own process, the plain driver drives it.
 * Every write names {w: 'majority', j: true}. `--small` takes 100,000 instead of 1,000,000 documents.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';

const LARGE = process.argv.includes('--small') ? 100_000 : 1_000_000;
const SMALL = 1_000;
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;
const WRITE_MS = 4_000;
const LOOKUPS = 4_000;

interface Doc {
  _id: number;
  k: string;
  n: number;
}

const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-bench-'));
const { child, url } = await startServer(folder);
const client = await MongoClient.connect(url, { maxPoolSize: 80 });
const db = client.db('bench');
const rows: [string, string][] = [];
try {
  for (const writers of [1, 32, 64]) {
    rows.push([`durable insertOne, ${writers} writers`, await writesPerSecond(writers, 'insert')]);
  }
  rows.push(['durable insertOne, 64 writers beside 16 readers', await writesPerSecond(64, 'insert', 16)]);
  rows.push(['durable updateOne by _id, 64 writers', await writesPerSecond(64, 'update')]);
  rows.push(['durable findOneAndUpdate (claim by index), 64 writers', await writesPerSecond(64, 'claim')]);
  const small = await fill('small', SMALL);
  const large = await fill('large', LARGE);
  rows.push(...(await lookups(small, large)));
  const status = await db.admin().command({ serverStatus: 1 });
  rows.push([
    `JavaScript heap of the server at ${LARGE} documents`,
    `${Math.round(status.heapUsedBytes / 1048576)} MB`,
  ]);
} finally {
  await client.close();
  child.kill('SIGTERM');
  await new Promise((done) => child.once('exit', done));
  rmSync(folder, { recursive: true, force: true });
}
const width = Math.max(...rows.map(([what]) => what.length));
process.stdout.write(`${rows.map(([what, figure]) => `| ${what.padEnd(width)} | ${figure} |`).join('\n')}\n`);

async function writesPerSecond(
  writers: number,
  kind: 'insert' | 'update' | 'claim',
  readers = 0,
): Promise<string> {
  const c = db.collection<Doc & { due: number }>(`writes_${kind}_${writers}_${readers}`, DURABLE);
  await c.createIndex({ due: 1 });
  if (kind !== 'insert') {
    await c.insertMany(Array.from({ length: 1000 }, (_, n) => ({ _id: n, k: `key-${n}`, n: 0, due: n })));
  }
  const cpuBefore = cpuMs();
  const end = Date.now() + WRITE_MS;
  const times: number[] = [];
  const reads: number[] = [];
  const reading = Array.from({ length: readers }, async (_, reader) => {
    for (let n = 0; Date.now() < end; n++) {
      const before = performance.now();
      await c.findOne({ _id: reader * 10_000_000 + n });
      reads.push(performance.now() - before);
      await new Promise((next) => setTimeout(next, 5));
    }
  });
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; Date.now() < end; n++) {
        const before = performance.now();
        const _id = kind === 'insert' ? writer * 10_000_000 + n : (writer * 17 + n) % 1000;
        if (kind === 'insert') await c.insertOne({ _id, k: `key-${_id}`, n, due: n });
        else if (kind === 'update')
          await c.updateOne({ _id, n: { $gte: 0 } }, { $inc: { n: 1 }, $set: { k: `k${n}` } });
        else
          await c.findOneAndUpdate(
            { due: { $lte: 1e15 } },
            { $inc: { n: 1, due: 1000 } },
            { sort: { due: 1 } },
          );
        times.push(performance.now() - before);
      }
    }),
  );
  await Promise.all(reading);
  const perWrite = ((cpuMs() - cpuBefore) * 1000) / times.length;
  const rate = `${Math.round((times.length * 1000) / WRITE_MS)}/s, ${spread(times)}`;
  return `${rate}, server CPU ${Math.round(perWrite)} µs each${readers > 0 ? `; reads ${spread(reads)}` : ''}`;
}

function spread(times: number[]): string {
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)]?.toFixed(1) ?? '-';
  return `p50 ${at(0.5)} and p99 ${at(0.99)} ms`;
}

async function fill(name: string, count: number): Promise<Collection<Doc>> {
  const c = db.collection<Doc>(name);
  await c.createIndex({ k: 1 });
  for (let from = 0; from < count; from += 5000) {
    const batch = Math.min(5000, count - from);
    await c.insertMany(
      Array.from({ length: batch }, (_, at) => ({ _id: from + at, k: `key-${from + at}`, n: at })),
    );
  }
  return c;
}

/** Small and large alternate, so that drift on the machine affects both. */
async function lookups(small: Collection<Doc>, large: Collection<Doc>): Promise<[string, string][]> {
  const times = { smallId: [], smallKey: [], largeId: [], largeKey: [] } as Record<string, number[]>;
  const time = async (name: string, run: () => Promise<unknown>) => {
    const before = performance.now();
    if (!(await run())) throw new Error(`nothing found for ${name}`);
    times[name]?.push(performance.now() - before);
  };
  for (let n = 0; n < LOOKUPS; n++) {
    const [a, b] = [(n * 7919) % SMALL, (n * 104_729) % LARGE];
    await time('smallId', () => small.findOne({ _id: a }));
    await time('largeId', () => large.findOne({ _id: b }));
    await time('smallKey', () => small.findOne({ k: `key-${a}` }));
    await time('largeKey', () => large.findOne({ k: `key-${b}` }));
  }
  const median = (name: string) => (times[name] ?? []).sort((a, b) => a - b)[LOOKUPS / 2] as number;
  const row = (what: string, s: string, l: string): [string, string] => [
    `find by ${what}, median at ${SMALL} and at ${LARGE} documents`,
    `${median(s).toFixed(3)} ms and ${median(l).toFixed(3)} ms`,
  ];
  return [row('_id', 'smallId', 'largeId'), row('index', 'smallKey', 'largeKey')];
}

function cpuMs(): number {
  const [, user = '0', system = '0'] =
    /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8')) ?? [];
  return (Number(user) + Number(system)) * 10;
}

async function startServer(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const env = { ...process.env, MONGO_PORT: '0', MONGO_DATA_DIR: dataDir, EXIT_WITH_PARENT: '1' };
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const options = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
  const started = spawn(process.execPath, [...options, main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of started.stdout) {
    const ready = /ready (\S+)/.exec(String(chunk));
    if (ready?.[1]) return { child: started, url: ready[1] };
  }
  throw new Error('the server did not start');
}
