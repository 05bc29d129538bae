/** The lab beside a real chain: it watches, breaks and resets it, and the chain does not need it. */
import { rmSync } from 'node:fs';
import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LabStatus } from '../lab/server/wire.ts';
import { needing } from '../lab/test/support/needing.ts';
import { type Chain, createPlace, startChain } from './chain.ts';
import { ask, create } from './requests.ts';
import { runProcess } from './run-process.ts';

describe('npm start with its lab', () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await startChain({ LAB: '1', LAB_TOKEN: 'a-long-secret' });
  });
  afterAll(() => chain.stop());

  const askLab = (method: string, path: string, body?: object) =>
    ask(`${chain.url('lab')}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer a-long-secret' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const status = async () => (await askLab('GET', '/api/status')).body as unknown as LabStatus;

  it('says where it is, and serves its page', async () => {
    const line = chain.start.stdout.find((one) => one.startsWith('ready '));
    expect(line).toBe(
      `ready order=${chain.url('order')} payment=${chain.url('payment')} shipment=${chain.url('shipment')} lab=${chain.url('lab')}`,
    );
    const page = await fetch(chain.url('lab'));
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const script = await fetch(`${chain.url('lab')}/assets/main.js`);
    expect([script.status, (await script.text()).length > 1000]).toEqual([200, true]);
  });

  it('hears all services, breaks one with the token, and resets it', async () => {
    await until('all are heard', async () => (await status()).services.every(({ connected }) => connected));
    expect((await askLab('POST', '/api/orders', {})).status).toBe(200);
    await askLab('PUT', '/api/services/shipment/faults/down', { type: 'error' });
    const broken = await askLab('POST', '/api/orders', {});
    expect([broken.status, broken.body.status]).toEqual([202, 'pending']);
    await until('a page can see the fault', async () => {
      const shipment = (await status()).services.find(({ name }) => name === 'shipment');
      return shipment?.status?.faults.some(({ name, hits }) => name === 'down' && hits > 0);
    });
    expect((await askLab('POST', '/api/reset', {})).body).toEqual({
      reset: ['order', 'payment', 'shipment'],
    });
    expect((await askLab('POST', '/api/orders', {})).status).toBe(200);
  });

  it('is started again when it dies, and nobody waits for it', async () => {
    const back = chain.killAndAwait('lab');
    expect((await create(chain.url('order'))).status).toBe(200);
    await back;
    await until('all are heard again', async () =>
      (await status()).services.every(({ connected }) => connected),
    );
  });
});

it(
  'on a terminal npm start lists its keys, obeys them, and Ctrl-C still stops everything',
  await needing('script'),
  async () => {
    const { env, dataDir } = await createPlace();
    // `script` gives it a terminal.
    const terminal = runProcess(
      'script',
      ['-qec', `${process.execPath} scripts/start.ts`, '/dev/null'],
      { ...env, LAB: '1', LOG_LEVEL: 'warn' },
      { stdin: true },
    );
    onTestFinished(() => {
      terminal.signal('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    });
    const sees = (words: RegExp) =>
      terminal.says(words, { withinMs: 30_000 }).catch((error: unknown) => {
        throw new Error(`The terminal shows:\n${terminal.stdout.join('\n')}`, { cause: error });
      });

    await sees(/Keys: d dashboard, o one order, t traffic, b break shipment, r reset, q quit/);
    terminal.stdin?.write('o');
    await sees(/order key-\w{8}: 200 completed in \d+ ms: This is order/);
    terminal.stdin?.write('b');
    await sees(/shipment answers every order with 503 for 60 s/);
    terminal.stdin?.write('o');
    await sees(/order key-\w{8}: 202 pending/);
    terminal.stdin?.write('r');
    await sees(/Reset: no traffic/);
    terminal.stdin?.write('\x03');
    expect(await terminal.ended).toBe(0);
  },
);
