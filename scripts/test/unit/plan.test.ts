/** What npm start plans: parts, ports and settings. */
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chain } from '../../../chain.ts';
import { readPlan } from '../../start/plan.ts';
import { toReadyLine, toWelcome } from '../../start/welcome.ts';

const three = chain.slice(0, 3);

function planOf(settings: Record<string, string>, replicas: Record<string, number> = {}) {
  for (const [name, value] of Object.entries({ MONGO_URL: '', PORT_BASE: '', LAB: '', ...settings }))
    vi.stubEnv(name, value);
  return readPlan(replicas, async (from, hosts) => hosts.map((_, index) => from + index), three);
}

afterEach(() => vi.unstubAllEnvs());

describe('the plan of npm start', () => {
  it('puts order, payment, shipment, the lab and the database on 3000, 3001, 3002, 3010 and 3017', async () => {
    const { services, lab, database } = await planOf({});
    expect([...services, lab, database].map((part) => [part?.name, part?.port])).toEqual([
      ['order', 3000],
      ['payment', 3001],
      ['shipment', 3002],
      ['lab', 3010],
      ['database', 3017],
    ]);
  });

  it('shifts all of them with PORT_BASE', async () => {
    const plan = await planOf({ PORT_BASE: '4300' });
    expect(plan.database?.url).toBe('mongodb://127.0.0.1:4317');
    expect(toReadyLine(plan)).toBe(
      'ready order=http://127.0.0.1:4300 payment=http://127.0.0.1:4301 shipment=http://127.0.0.1:4302 lab=http://127.0.0.1:4310',
    );
  });

  it('tells every service its name, its place and its next, whatever the environment says', async () => {
    const { services } = await planOf({
      ID: 'mine',
      PORT: '1',
      CHAIN_SVC: 'http://elsewhere/create',
      NEXT_NAME: 'x',
    });
    expect(
      services.map(({ env: { ID, PORT, CHAIN_SVC, NEXT_NAME, MONGO_URL, EXIT_WITH_PARENT } }) => ({
        ID,
        PORT,
        CHAIN_SVC,
        NEXT_NAME,
        MONGO_URL,
        EXIT_WITH_PARENT,
      })),
    ).toEqual(
      [
        ['order', '3000', 'http://127.0.0.1:3001/create', 'payment'],
        ['payment', '3001', 'http://127.0.0.1:3002/create', 'shipment'],
        ['shipment', '3002', undefined, undefined],
      ].map(([ID, PORT, CHAIN_SVC, NEXT_NAME]) => ({
        ID,
        PORT,
        CHAIN_SVC,
        NEXT_NAME,
        MONGO_URL: 'mongodb://127.0.0.1:3017',
        EXIT_WITH_PARENT: '1',
      })),
    );
  });

  it('gives a setting to all services, and to one alone with its prefix', async () => {
    const { services } = await planOf({ JUMPS: '3', SHIPMENT_JUMPS: '2', SHIPMENT_INJECT_ERR: '1' });
    expect(services.map(({ env }) => [env.JUMPS, env.INJECT_ERR])).toEqual([
      ['3', undefined],
      ['3', undefined],
      ['2', '1'],
    ]);
  });

  it('leaves alone what only looks like a prefix', async () => {
    const { services } = await planOf({ PAYMENT_LIMIT: '100', PAYMENT_PORT: 'tcp://10.0.0.1:3000' });
    expect(services[1]?.env).toMatchObject({ PORT: '3001', PAYMENT_LIMIT: '100' });
  });

  it('tells the lab its place and the services that it shows', async () => {
    const { lab } = await planOf({
      LAB_SERVICES: 'mine=http://elsewhere',
      PORT: '1',
      LAB_TOKEN: 'a-long-secret',
    });
    expect(lab?.env).toMatchObject({
      PORT: '3010',
      LAB_DATA_DIR: join(process.cwd(), 'data', 'lab-3010'),
      LAB_SERVICES:
        'order=http://127.0.0.1:3000,payment=http://127.0.0.1:3001,shipment=http://127.0.0.1:3002',
      LAB_TOKEN: 'a-long-secret',
      EXIT_WITH_PARENT: '1',
    });
  });

  it('opens the controls of the services, and with LAB=0 neither them nor a lab', async () => {
    const controls = async (settings: Record<string, string>) => {
      const plan = await planOf(settings);
      return [...plan.services.map(({ env }) => env.LAB), plan.lab?.name];
    };
    expect(await controls({})).toEqual(['1', '1', '1', 'lab']);
    expect(await controls({ SHIPMENT_LAB: '0' })).toEqual(['1', '1', '0', 'lab']);
    expect(await controls({ LAB: '0' })).toEqual(['0', '0', '0', undefined]);
    expect(toReadyLine(await planOf({ LAB: '0' }))).not.toContain('lab=');
  });

  it('lets the page of the lab call the services, and no other', async () => {
    const origins = async (settings: Record<string, string>) =>
      new Set((await planOf(settings)).services.map(({ env }) => env.CORS_ORIGINS));
    expect(await origins({})).toEqual(new Set(['http://127.0.0.1:3010,http://localhost:3010']));
    expect(await origins({ PORT_BASE: '4000' })).toEqual(
      new Set(['http://127.0.0.1:4010,http://localhost:4010']),
    );
    expect(await origins({ LAB: '0' })).toEqual(new Set([undefined]));
    expect(await origins({ CORS_ORIGINS: '' })).toEqual(new Set(['']));
  });

  it('starts no database when MONGO_URL names one, and does not show its URL', async () => {
    const plan = await planOf({ MONGO_URL: 'mongodb://me:secret@db.example/shop' });
    expect(plan.database).toBeUndefined();
    expect(plan.services.map(({ env }) => env.MONGO_URL)).toEqual(
      Array(3).fill('mongodb://me:secret@db.example/shop'),
    );
    expect(toWelcome(plan, 1000)).not.toContain('secret');
  });
});

describe('several instances', () => {
  const several = { payment: 3, shipment: 2 };

  it('keep the first on its port, put the others on free ones, and are named one by one', async () => {
    const plan = await planOf({}, several);
    expect(
      plan.services.map(({ name, service, port, env }) => [name, service, port, env.ID, env.PORT]),
    ).toEqual([
      ['order', 'order', 3000, 'order', '3000'],
      ['payment', 'payment', 3001, 'payment', '3001'],
      ['payment-2', 'payment', 3020, 'payment', '3020'],
      ['payment-3', 'payment', 3021, 'payment', '3021'],
      ['shipment', 'shipment', 3002, 'shipment', '3002'],
      ['shipment-2', 'shipment', 3022, 'shipment', '3022'],
    ]);
    expect(toReadyLine(plan)).toBe(
      'ready order=http://127.0.0.1:3000 payment=http://127.0.0.1:3001 shipment=http://127.0.0.1:3002 lab=http://127.0.0.1:3010' +
        ' payment-2=http://127.0.0.1:3020 payment-3=http://127.0.0.1:3021 shipment-2=http://127.0.0.1:3022',
    );
    expect(
      plan.lab?.env.LAB_SERVICES?.split(',').map((entry) => entry.replace('http://127.0.0.1:', '')),
    ).toEqual([
      'order=3000',
      'payment=3001',
      'payment=3020',
      'payment=3021',
      'shipment=3002',
      'shipment=3022',
    ]);
  });

  it('are found on the local network, in a group of this start, and one alone keeps its address', async () => {
    const { services } = await planOf({ PORT_BASE: '4300' }, { payment: 2 });
    expect(
      services.map(({ env: { CHAIN_SVC, NEXT_NAME, DISCOVERY, DISCOVERY_GROUP, DRAIN_MS } }) => ({
        CHAIN_SVC,
        NEXT_NAME,
        DISCOVERY,
        DISCOVERY_GROUP,
        DRAIN_MS,
      })),
    ).toEqual(
      [
        ['local+http://payment/create', 'payment', undefined, '0'],
        ['http://127.0.0.1:4302/create', 'shipment', '1', '250'],
        ['http://127.0.0.1:4302/create', 'shipment', '1', '250'],
        [undefined, undefined, undefined, '0'],
      ].map(([CHAIN_SVC, NEXT_NAME, DISCOVERY, DRAIN_MS]) => ({
        CHAIN_SVC,
        NEXT_NAME,
        DISCOVERY,
        DISCOVERY_GROUP: 'start-4300',
        DRAIN_MS,
      })),
    );
  });

  it('all get what is given to their service, and one complaint when it is wrong', async () => {
    const { services } = await planOf({ SHIPMENT_INJECT_ERR: '1' }, several);
    expect(services.map(({ env }) => env.INJECT_ERR)).toEqual([...Array(4), '1', '1']);
    await expect(planOf({ SHIPMENT_INJECT_ERR: 'yes' }, several)).rejects.toThrow(
      /^SHIPMENT_INJECT_ERR=yes is not legal: it must be 1 or 0\.$/,
    );
  });

  it('are shown to a person one below the other', async () => {
    expect(toWelcome(await planOf({}, { payment: 2 }), 1000)).toContain(`
  order     http://127.0.0.1:3000
  payment   http://127.0.0.1:3001
            http://127.0.0.1:3020
  shipment  http://127.0.0.1:3002
`);
  });

  it('are refused in a sentence when there are no ports for them', async () => {
    vi.stubEnv('PORT_BASE', '65500');
    await expect(readPlan({ payment: 20 }, async () => [])).rejects.toThrow(
      'There are not 19 free ports from 65520 on; choose others with PORT_BASE.',
    );
  });
});

describe('the block for a person', () => {
  it('says what runs where, how to send the first order, and how to stop', async () => {
    expect(toWelcome(await planOf({}), 2345)).toBe(`
Ready in 2.3 s

  order     http://127.0.0.1:3000
  payment   http://127.0.0.1:3001
  shipment  http://127.0.0.1:3002
  dashboard http://127.0.0.1:3010
  database  mongodb://127.0.0.1:3017, keeps its documents in ./data

Send the first order:

  id=$(date +%s)
  curl -s http://127.0.0.1:3000/create -H 'Content-Type: application/json' \\
    -d '{"id":"'$id'","items":[],"payment":{"id":"'$id'","amount":0,"shipment":{"id":"'$id'","directions":"home"}}}'

Stop everything: Ctrl-C
`);
  });

  it('lists the keys where there is a keyboard, and no dashboard where there is none', async () => {
    const words = toWelcome(await planOf({ LAB: '0' }), 1000, 'o one order, q quit');
    expect(words).toContain('\nKeys: o one order, q quit\nStop everything: Ctrl-C\n');
    expect(words).not.toContain('dashboard');
  });
});
