/** `npm start` as a program: what it refuses and in which words, and whose database it uses. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@holdfast/shared/core/until.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isFree } from '../lab/processes/ports.ts';
import type { LabStatus } from '../lab/server/wire.ts';
import { type Chain, createPlace, type PartName, startChain } from './chain.ts';
import { findPortBase } from './free-ports.ts';
import { ask, create } from './requests.ts';
import { type Env, runNode } from './run-process.ts';

async function start(
  env: Env | ((portBase: number) => Env) = {},
  args: readonly string[] = [],
): Promise<Chain> {
  const chain = await startChain(env, args);
  onTestFinished(() => chain.stop());
  return chain;
}

describe('a start that cannot work ends with 1 and starts nothing', () => {
  it('names every port in use, who needs it, and PORT_BASE', async () => {
    const { portBase, dataDir, env } = await createPlace();
    const blockers = [1, 17].map((offset) => createServer().listen(portBase + offset, '127.0.0.1'));
    onTestFinished(() => {
      for (const blocker of blockers) blocker.close();
      rmSync(dataDir, { recursive: true });
    });
    await until(
      'the ports are taken',
      async () => !(await isFree(portBase + 1)) && !(await isFree(portBase + 17)),
    );

    const { ended, stdout, stderr } = runNode('scripts/start.ts', env);
    expect({ ended: await ended, stdout, stderr: stderr.toSorted() }).toEqual({
      ended: 1,
      stdout: [],
      stderr: [
        [1, 'payment'],
        [17, 'database'],
      ].map(
        ([offset, name]) =>
          `Port ${portBase + Number(offset)}, which ${name} needs, is in use by another program; choose other ports with PORT_BASE, as in PORT_BASE=4300 npm start.`,
      ),
    });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('reports every bad setting at once, under the name that it was given', async () => {
    const { ended, stdout, stderr } = runNode('scripts/start.ts', {
      PORT_BASE: '0',
      JUMPS: 'many',
      SHIPMENT_INJECT_ERR: 'yes',
      BREAKER_THRESHOLD_RATIO: '50',
    });
    expect({ ended: await ended, stdout, stderr: stderr.toSorted() }).toEqual({
      ended: 1,
      stdout: [],
      stderr: [
        'BREAKER_THRESHOLD_RATIO=50 is not legal: it must be a number from 0 to 1.',
        'JUMPS=many is not legal: it must be a whole number from 1 to 1000.',
        'PORT_BASE=0 is not legal: it must be a whole number from 1 to 65500.',
        'SHIPMENT_INJECT_ERR=yes is not legal: it must be 1 or 0.',
      ],
    });
  });

  it('says what is wrong with its arguments, or what they may be', async () => {
    const wrong = runNode('scripts/start.ts', {}, [
      '--replicas',
      'payment=0',
      '--replicas',
      'invoice=2',
      'up',
    ]);
    expect({ ended: await wrong.ended, stdout: wrong.stdout, stderr: wrong.stderr }).toEqual({
      ended: 2,
      stdout: [],
      stderr: [
        '--replicas payment=0 is not legal: the count must be a whole number from 1 to 20.',
        '--replicas invoice=2 names no service: it may be order, payment, shipment.',
        'up is not known here: npm start -- --help says what is.',
      ],
    });
    const help = runNode('scripts/start.ts', {}, ['--help']);
    expect(await help.ended).toBe(0);
    expect(help.stdout[0]).toBe('Usage: npm start -- [--replicas SERVICE=COUNT]');
  });

  it('refuses a data folder that another chain uses', async () => {
    const first = await start();
    const second = runNode('scripts/start.ts', {
      PORT_BASE: `${await findPortBase()}`,
      DATA_DIR: first.dataDir,
    });
    expect(await second.ended).toBe(1);
    expect(second.stdout).toEqual([]);
    const said = second.stderr.map((line) => (line.startsWith('{') ? JSON.parse(line).msg : line));
    const holder = `process ${first.pid('database')}`;
    expect(said.slice(-2)).toEqual([
      `The data folder ${first.dataDir} is in use by ${holder}; stop it or set DATA_DIR.`,
      'database ended with exit code 1 before it was ready; its last lines above say why.',
    ]);
    expect((await create(first.url('order'))).status).toBe(200);
  });

  it('with LOG_FORMAT=json says so in JSON, whoever says it', async () => {
    const first = await start({ LOG_FORMAT: 'json', LAB: '1' });
    const second = runNode('scripts/start.ts', {
      ...{ LOG_FORMAT: 'json', PORT_BASE: `${await findPortBase()}`, DATA_DIR: first.dataDir },
    });
    expect(await second.ended).toBe(1);
    first.signal('shipment', 'SIGKILL');
    await until('it is ready again', () => first.log().some(({ event }) => event === 'ready'));
    await first.stop();
    const lines = [first.start, second].flatMap(({ stdout, stderr }) => [...stdout, ...stderr]);
    expect(lines.filter((line) => !line.startsWith('{"level":"'))).toEqual([]);
    expect(lines.map((line) => JSON.parse(line).service)).toEqual(
      expect.arrayContaining(['start', 'database', 'order', 'payment', 'shipment', 'lab']),
    );
    expect(first.start.stdout.map((line) => JSON.parse(line).msg)).toEqual([
      expect.stringMatching(/^ready order=http:/),
    ]);
  });

  it('tells of a misspelled setting, and of none that belongs to others', async () => {
    const said = (lines: readonly string[]) =>
      lines.flatMap((line) => (line.startsWith('{') ? JSON.parse(line) : [])).map(({ msg }) => msg);
    const env = { BREAKER_OPEN_MSX: '1', SHIPMENT_INJECT_ER: '1', PAYMENT_SERVICE_HOST: '10.0.0.1' };
    const chain = await start({ ...env, NODE_ENV: 'test' });
    const told = said(chain.start.stderr).filter((msg) => / is no setting here/.test(msg));
    expect(told.toSorted()).toEqual([
      'BREAKER_OPEN_MSX is no setting here and changes nothing; did you mean BREAKER_OPEN_MS?',
      'SHIPMENT_INJECT_ER is no setting here and changes nothing; did you mean SHIPMENT_INJECT_ERR?',
    ]);
    const alone = runNode('shipment/src/main.ts', {
      ...{ MONGO_URL: 'mongodb://127.0.0.1:1', PORT: '0', EXIT_WITH_PARENT: '0', JUMP: '3' },
    });
    onTestFinished(() => alone.leave());
    await until('it is told', () => said(alone.stderr).some((msg) => /^JUMP is no setting/.test(msg)));
  });

  it('says so when a service is started alone without its database', async () => {
    const { ended, stdout, stderr } = runNode('order/src/main.ts');
    expect({ ended: await ended, stdout, stderr }).toEqual({
      ended: 1,
      stdout: [],
      stderr: [expect.stringMatching(/^MONGO_URL is required: .* It must be a mongodb:\/\/ URL\.$/)],
    });
  });
});

it('with --replicas several instances share the work, and one that dies is started again where it was', async () => {
  const chain = await start({ LAB: '1' }, ['--replicas', 'payment=2']);
  const ready = await chain.start.says('ready ');
  const url = (part: PartName) => new RegExp(`(?<= )${part}=(\\S+)`).exec(ready)?.[1];
  const second = url('payment-2') ?? '';
  expect(url('payment')).toBe(chain.url('payment'));
  const served = async () => {
    const { body } = await ask(`${chain.url('order')}/breakers`);
    return (body.breakers as { name: string; counts: { success: number } }[])
      .filter(({ counts }) => counts.success > 0)
      .map(({ name }) => name)
      .sort();
  };
  const both = [chain.url('payment'), second].map((at) => `order→payment@${new URL(at).host}`).sort();
  await until('both serve', async () => {
    expect((await create(chain.url('order'))).status).toBe(200);
    return (await served()).length === 2;
  });
  expect(await served()).toEqual(both);

  await chain.killAndAwait('payment-2');
  expect((await ask(`${second}/readyz`)).status).toBe(200);
  await until('the lab hears every instance', async () => {
    const { services } = (await ask(`${chain.url('lab')}/api/status`)).body as unknown as LabStatus;
    const heard = services.filter(({ connected }) => connected).map(({ name }) => name);
    return heard.join() === 'order,payment,payment,shipment';
  });
});

it('with MONGO_URL npm start uses that database and starts none', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  const database = runNode('embedded-mongo/src/main.ts', { MONGO_PORT: '0', MONGO_DATA_DIR: dataDir });
  onTestFinished(async () => {
    database.signal('SIGTERM');
    await database.ended;
    rmSync(dataDir, { recursive: true });
  });
  const MONGO_URL = (await database.says('ready ')).slice('ready '.length);
  const chain = await start({ MONGO_URL });
  expect((await create(chain.url('order'))).status).toBe(200);
  expect(chain.pids()).toHaveLength(3);
  expect(await isFree(chain.portBase + 17)).toBe(true);
  expect(readdirSync(chain.dataDir)).toEqual([]);
});
