/** `npm run audit`, `npm run replay`, `npm run rotate-key` and `npm run three-places` as an operator runs them: processes, their words and their exit codes. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeEach, expect, inject, it } from 'vitest';

interface Stored {
  readonly _id: string;
  readonly [field: string]: unknown;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const name = `test-${randomUUID().slice(0, 8)}`;
const mongoUrl = `${inject('mongoUrl').replace(/\/+$/, '')}/${name}`;
const client = new MongoClient(mongoUrl);
const shelf = (plural: string) => client.db(name).collection(plural) as unknown as Collection<Stored>;
const at = new Date();

beforeEach(async () => {
  await client.db(name).dropDatabase();
});
afterAll(async () => {
  await client.db(name).dropDatabase();
  await client.close();
});

/** Keeps an order with its payment and shipment, all completed. */
async function keepChain(id: string): Promise<void> {
  const ledger = ['charge', 'capture'].map((t) => ({ t, amount: 5, at }));
  const done = { state: 'completed', at, result: { status: 200, body: { status: 'completed' } } };
  await shelf('shipments').insertOne({ _id: `s-${id}`, parent: `p-${id}`, ...done, body: { id: `s-${id}` } });
  const payment = { id: `p-${id}`, amount: 5, shipment: { id: `s-${id}` } };
  await shelf('payments').insertOne({ _id: `p-${id}`, parent: id, ...done, ledger, body: payment });
  await shelf('orders').insertOne({ _id: id, parent: null, ...done, body: { id, payment } });
}

/** Runs a command of the lab against the test's database. */
function run(script: string, args: readonly string[], url = mongoUrl, more: Record<string, string> = {}) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = environmentWith({ MONGO_URL: url, ...more });
    const child = execFile(process.execPath, [script, ...args], { cwd: root, env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

it('the audit of kept promises ends with 0', async () => {
  for (const id of ['a', 'b', 'c']) await keepChain(id);
  const { code, out } = await run('lab/audit/main.ts', ['--json']);
  expect(JSON.parse(out)).toEqual({
    accepted: 3,
    completed: 3,
    cancelled: 0,
    pending: 0,
    dead: 0,
    overdue: 0,
    lost: 0,
    doubled: 0,
    disagreement: 0,
    chargedNotShipped: 0,
    oldestPendingMs: null,
    payments: 3,
    shipments: 3,
    atLeast: 1,
    kept: true,
    findings: [],
    deadIds: [],
  });
  expect(code).toBe(0);
});

it('the audit of a broken promise ends with 1 and says which', async () => {
  for (const id of ['a', 'b']) await keepChain(id);
  await shelf('shipments').deleteOne({ _id: 's-b' });
  const { code, out } = await run('lab/audit/main.ts', []);
  expect(code).toBe(1);
  expect(out).toMatch(/^charged-not-shipped {2}1$/m);
  expect(out).toContain('The payment "p-b" is captured, its shipment "s-b" is not there.');
});

/** Audits with a file of what clients were told. */
async function auditTold(told: string) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-audit-'));
  const file = join(folder, 'acknowledged.txt');
  await writeFile(file, told);
  const ran = await run('lab/audit/main.ts', ['--acknowledged', file]);
  await rm(folder, { recursive: true });
  return ran;
}

it('the audit finds the acknowledged order that is not kept, or ended otherwise', async () => {
  for (const id of ['a', 'b', 'c', 'd']) await keepChain(id);
  const fine = await auditTold('a\nb\t200\r\n\nc\tcompleted\nd\t202\n');
  expect([fine.code, fine.out]).toEqual([0, expect.stringMatching(/^Every promise is kept\.$/m)]);
  const { code, out } = await auditTold('a\t422\ngone\nb\t200\n');
  expect(code).toBe(1);
  expect(out).toContain('lost: The order "gone" was acknowledged and is not kept.');
  expect(out).toContain('disagreement: The order "a" was acknowledged as cancelled and is completed.');
  expect(out).not.toContain('Every promise is kept.');
});

it('the audit names the lines that it cannot read', async () => {
  await keepChain('a');
  const { code, out, err } = await auditTold('a\t200\na 200\na\t503\na\t200\tx\n\t200\na\na\tconstructor\n');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^The audit cannot read: malformed in .+: line 2, 3, 4, 5, 7\. Legal is an id, or /);
});

it('an empty or another database does not pass', async () => {
  const empty = await run('lab/audit/main.ts', []);
  expect(empty.code).toBe(1);
  expect(empty.out).toMatch(
    new RegExp(`^There is no order in database "${name}" at [^/@]+: is this the right one\\?$`, 'm'),
  );
  expect((await run('lab/audit/main.ts', ['--at-least', '0'])).code).toBe(0);
  await keepChain('a');
  expect((await run('lab/audit/main.ts', ['--at-least', '1'])).code).toBe(0);
  const { code, out } = await run('lab/audit/main.ts', ['--at-least', '2']);
  expect(code).toBe(1);
  expect(out).toContain('There are only 1 of 2 orders in database');
  for (const said of [empty.out, out]) expect(said).not.toContain('Every promise is kept.');
});

it('a dead document, or one that is pending for too long, is a promise that is not kept', async () => {
  await keepChain('a');
  const birth = new Date(Date.now() - 70_000);
  const pending = { state: 'accepted', parent: null, at: birth, result: null, body: { id: 'x' } };
  await shelf('orders').insertOne({ _id: 'x', ...pending, out: { err: 'payment is away' } });
  const late = await run('lab/audit/main.ts', []);
  expect(late.code).toBe(1);
  expect(late.out).toMatch(/^overdue: "x" in orders has been pending for .+: payment is away$/m);
  expect((await run('lab/audit/main.ts', ['--pending-limit', '600'])).code).toBe(0);
  await shelf('orders').updateOne({ _id: 'x' }, { $set: { state: 'dead' } });
  const dead = await run('lab/audit/main.ts', ['--pending-limit', '600']);
  expect(dead.code).toBe(1);
  expect(dead.out).toMatch(/^orders\/x waits for an operator: npm run replay -- x$/m);
  for (const { out } of [late, dead]) expect(out).not.toContain('Every promise is kept.');
});

it('the audit says how to call it', async () => {
  const { code, out } = await run('lab/audit/main.ts', ['--help'], 'mongodb://127.0.0.1:1/');
  expect([code, out]).toEqual([0, expect.stringMatching(/^Usage: npm run audit -- /)]);
});

it('an audit that cannot read ends with 2 and one sentence', async () => {
  const cases: [string[], string][] = [
    [[], 'mongodb://127.0.0.1:1/'],
    [[], 'mongodb://root:s3cret-word@127.0.0.1:99999/'],
    [[], 'mongodb://root:s3cret-word@127.0.0.1:1,/%zz'],
    [['--acknowledged', '/no/such/file'], mongoUrl],
  ];
  for (const { code, out, err } of await Promise.all(
    cases.map(([args, url]) => run('lab/audit/main.ts', args, url)),
  )) {
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^The audit cannot read: .+\n$/);
    expect(err).not.toContain('s3cret-word');
  }
});

it.each([
  [
    'audit',
    ['--jsom'],
    '--jsom is not known here; did you mean --json? npm run audit -- --help says what is.',
  ],
  [
    'audit',
    ['--at-least', 'few'],
    '--at-least few is not legal: it must be a whole number from 0 to 999999999.',
  ],
  [
    'audit',
    ['--pending-limit', '-1'],
    '--pending-limit -1 is not legal: it must be a whole number from 0 to 999999999.',
  ],
  ['replay', ['a', 'b'], 'Say which document: npm run replay -- ID'],
  ['rotate-key', ['--now'], '--now is not known here: npm run rotate-key -- --help says what is.'],
])('npm run %s -- %j ends with 2 and a sentence', async (name, args, sentence) => {
  expect(await run(`lab/${name}/main.ts`, args)).toEqual({ code: 2, out: '', err: `${sentence}\n` });
});

it('a replay puts a dead document back as if it had just been accepted', async () => {
  const out = {
    due: null,
    by: null,
    n: 9,
    fails: 1,
    refusals: 864,
    ended: 8,
    firstAt: new Date(0),
    hop: 1,
    via: [],
    err: 'why',
  };
  await shelf('payments').insertOne({ _id: 'p', state: 'dead', at: new Date(0), doneAt: at, out });
  await shelf('orders').insertOne({ _id: 'p', state: 'completed', at });
  const { code, out: said } = await run('lab/replay/main.ts', ['p']);
  expect([code, said]).toEqual([0, '"p" in payments is pending again; the relay takes it at once.\n']);
  const replayed = await shelf('payments').findOne({ _id: 'p' });
  const now = expect.any(Date);
  expect(replayed).toEqual({
    _id: 'p',
    state: 'accepted',
    at: new Date(0),
    out: { ...out, due: now, firstAt: now, n: 0, fails: 0, refusals: 0, ended: 0 },
  });
  expect(await run('lab/replay/main.ts', ['p'])).toEqual({
    code: 1,
    out: '',
    err: 'Nothing is dead: "p" is completed in orders, accepted in payments.\n',
  });
});

it('a replay that cannot be made says why', async () => {
  expect(await run('lab/replay/main.ts', ['none'])).toEqual({
    code: 1,
    out: '',
    err: 'There is no document "none".\n',
  });
  expect((await run('lab/replay/main.ts', [])).code).toBe(2);
  expect((await run('lab/replay/main.ts', ['x'], 'mongodb://127.0.0.1:1/')).code).toBe(2);
});

it('a rotated key joins the others, signs in a minute, and is shown to nobody', async () => {
  const [old, used] = [
    { key: 'old', from: new Date(0) },
    { key: 'used', from: new Date(60_000) },
  ];
  await shelf('chain').insertOne({ _id: 'key', keys: [old, used] });
  const before = Date.now();
  const { code, out, err } = await run('lab/rotate-key/main.ts', []);
  expect([code, err]).toEqual([0, '']);
  const kept = await shelf('chain').findOne({ _id: 'key' });
  const keys = kept?.keys as { key: string; from: Date }[];
  expect(keys).toEqual([used, { key: expect.stringMatching(/^[\w-]{43}$/), from: expect.any(Date) }]);
  const signs = keys[1]?.from ?? at;
  expect(signs.getTime()).toBeGreaterThanOrEqual(before + 60_000);
  expect(out).toBe(`A new key signs from ${signs.toISOString()} on; 2 keys are believed.\n`);
});

it('a key that cannot be rotated is left alone, and one sentence says why', async () => {
  expect(await run('lab/rotate-key/main.ts', [])).toEqual({
    code: 1,
    out: '',
    err: 'There is no key yet: the first hop to start makes one.\n',
  });
  expect(await shelf('chain').countDocuments()).toBe(0);
  expect((await run('lab/rotate-key/main.ts', [], 'mongodb://127.0.0.1:1/')).code).toBe(2);
  expect((await run('lab/rotate-key/main.ts', ['--now'])).code).toBe(2);
  expect((await run('lab/rotate-key/main.ts', ['--help'], 'mongodb://127.0.0.1:1/')).out).toMatch(
    /^Usage: npm run rotate-key/,
  );
});

it('three-places checks its programs before it starts anything', async () => {
  const missing = { HAPROXY: '/nowhere/haproxy', NGINX: '/nowhere/nginx' };
  expect(await run('lab/three-places/main.ts', [], mongoUrl, missing)).toEqual({
    code: 2,
    out: '',
    err:
      'The places could not be compared: HAPROXY=/nowhere/haproxy is no file that can be executed.\n' +
      'NGINX=/nowhere/nginx is no file that can be executed.\n',
  });
});
