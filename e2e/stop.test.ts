/** However `npm start` is stopped, it leaves no process and no port behind. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { startEmbeddedMongo } from '@holdfast/embedded-mongo/server.ts';
import { until } from '@holdfast/shared/core/until.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isFree } from '../lab/processes/ports.ts';
import { hangs, startNeighbour } from '../shared/test/support/neighbour.ts';
import { type Chain, createPlace, followChain, startChain } from './chain.ts';
import { create } from './requests.ts';
import { type Env, isAlive, runNode, runProcess } from './run-process.ts';

async function start(env: Env | ((portBase: number) => Env) = {}): Promise<Chain> {
  const chain = await startChain(env);
  onTestFinished(() => chain.stop());
  return chain;
}

async function expectNothingLeft(chain: Chain): Promise<void> {
  await until('every process is gone', () => !chain.pids().some(isAlive), { withinMs: 15_000 });
  const ports = [0, 1, 2, 17].map((offset) => chain.portBase + offset);
  expect(await Promise.all(ports.map(isFree))).toEqual([true, true, true, true]);
}

describe('a chain that is stopped leaves nothing behind', () => {
  it('by SIGTERM, services first, then the database', async () => {
    const chain = await start();
    chain.start.signal('SIGTERM');
    expect(await chain.start.ended).toBe(0);
    await expectNothingLeft(chain);
    const stopped = chain.log().filter(({ msg }) => msg === 'stopped');
    expect(stopped.map(({ service }) => service)).toEqual(['order', 'payment', 'shipment']);
  });

  it('by Ctrl-C on npm start, which reaches npm and everything in the foreground at once', async () => {
    const place = await createPlace();
    const npm = runProcess('npm', ['start'], place.env, { group: true });
    const chain = followChain(npm, place);
    onTestFinished(() => chain.stop());
    await npm.says('ready ', { withinMs: 30_000 });
    npm.signal('SIGINT');
    expect(await npm.ended).toBe(0);
    await expectNothingLeft(chain);
  });

  it('by kill -9 of npm start', async () => {
    const chain = await start();
    chain.start.signal('SIGKILL');
    await expectNothingLeft(chain);
  });

  it('by kill -9 of npm itself', async () => {
    const place = await createPlace();
    const npm = runProcess('npm', ['start'], { ...place.env, EXIT_WITH_PARENT: undefined });
    const chain = followChain(npm, place);
    onTestFinished(() => chain.stop());
    await npm.says('ready ', { withinMs: 30_000 });
    npm.signal('SIGKILL');
    await expectNothingLeft(chain);
  });

  it('by a second Ctrl-C, at once, even while a request is under way', async () => {
    const neighbour = await startNeighbour();
    onTestFinished(() => neighbour.stop());
    neighbour.behave(hangs);
    const chain = await start({ ORDER_CHAIN_SVC: neighbour.url, ATTEMPT_TIMEOUT_MS: '4000' });
    const cut = create(chain.url('order')).catch(() => 'cut off');
    await until('the request is under way', () => neighbour.received.length > 0);
    const pressAgain = () => {
      if (!isAlive(chain.start.pid)) return true;
      chain.start.signal('SIGINT');
      return false;
    };
    await until('npm start has ended', pressAgain, { everyMs: 600 });
    expect(await chain.start.ended).toBe(1);
    expect(await cut).toBe('cut off');
    await expectNothingLeft(chain);
  });

  it('while it is still starting', async () => {
    const place = await createPlace();
    const chain = followChain(runNode('scripts/start.ts', place.env), place);
    onTestFinished(() => chain.stop());
    await until('the first process runs', () => chain.pids().length > 0);
    chain.start.signal('SIGTERM');
    expect(await chain.start.ended).toBe(0);
    expect(chain.start.stdout).toEqual([]);
    await expectNothingLeft(chain);
  });

  it('while a service waits for its indexes, and then it never says that it is ready', async () => {
    const { env, portBase, dataDir } = await createPlace();
    const mongo = await startEmbeddedMongo({ host: '127.0.0.1', port: 0, dataDir });
    // It greets and does nothing else, as a database that hangs.
    const way = createServer((near) => {
      const far = connect(Number(new URL(mongo.url).port), '127.0.0.1');
      near.on('data', (bytes) => /hello|ismaster/i.test(bytes.toString('latin1')) && far.write(bytes));
      near.on('error', () => undefined).on('close', () => far.destroy());
      far.on('error', () => undefined).pipe(near);
    });
    await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      way.close();
      await mongo.stop();
    });
    const away = { MONGO_URL: `mongodb://127.0.0.1:${(way.address() as AddressInfo).port}/` };
    const service = runNode('shipment/src/main.ts', { ...env, ...away, PORT: `${portBase}` });
    await until('it waits', () => service.stderr.some((line) => line.includes('waiting for the indexes')));
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.stdout).toEqual([]);
  });
});
