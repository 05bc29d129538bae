/** What npm start plans: parts, ports and settings. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readPlan } from '../../start/plan.ts';
import { toReadyLine, toWelcome } from '../../start/welcome.ts';

function planOf(settings: Record<string, string>) {
  for (const [name, value] of Object.entries({ MONGO_URL: '', PORT_BASE: '', LAB: '', ...settings }))
    vi.stubEnv(name, value);
  return readPlan();
}

afterEach(() => vi.unstubAllEnvs());

describe('the plan of npm start', () => {
  it('puts order, payment, shipment, the lab and the database on 3000, 3001, 3002, 3010 and 3017', () => {
    const { services, lab, database } = planOf({});
    expect([...services, lab, database].map((part) => [part?.name, part?.port])).toEqual([
      ['order', 3000],
      ['payment', 3001],
      ['shipment', 3002],
      ['lab', 3010],
      ['database', 3017],
    ]);
  });

  it('shifts all of them with PORT_BASE', () => {
    const plan = planOf({ PORT_BASE: '4300' });
    expect(plan.database?.url).toBe('mongodb://127.0.0.1:4317');
    expect(toReadyLine(plan)).toBe(
      'ready order=http://127.0.0.1:4300 payment=http://127.0.0.1:4301 shipment=http://127.0.0.1:4302 lab=http://127.0.0.1:4310',
    );
  });

  it('tells every service its name, its place and its next, whatever the environment says', () => {
    const { services } = planOf({
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

  it('gives a setting to all services, and to one alone with its prefix', () => {
    const { services } = planOf({ JUMPS: '3', SHIPMENT_JUMPS: '2', SHIPMENT_INJECT_ERR: '1' });
    expect(services.map(({ env }) => [env.JUMPS, env.INJECT_ERR])).toEqual([
      ['3', undefined],
      ['3', undefined],
      ['2', '1'],
    ]);
  });

  it('leaves alone what only looks like a prefix', () => {
    const { services } = planOf({ PAYMENT_LIMIT: '100', PAYMENT_PORT: 'tcp://10.0.0.1:3000' });
    expect(services[1]?.env).toMatchObject({ PORT: '3001', PAYMENT_LIMIT: '100' });
  });

  it('tells the lab its place and the services that it shows', () => {
    const { lab } = planOf({ LAB_SERVICES: 'mine=http://elsewhere', PORT: '1', LAB_TOKEN: 'a-long-secret' });
    expect(lab?.env).toMatchObject({
      PORT: '3010',
      LAB_SERVICES:
        'order=http://127.0.0.1:3000,payment=http://127.0.0.1:3001,shipment=http://127.0.0.1:3002',
      LAB_TOKEN: 'a-long-secret',
      EXIT_WITH_PARENT: '1',
    });
  });

  it('opens the controls of the services, and with LAB=0 neither them nor a lab', () => {
    const controls = (settings: Record<string, string>) => {
      const plan = planOf(settings);
      return [...plan.services.map(({ env }) => env.LAB), plan.lab?.name];
    };
    expect(controls({})).toEqual(['1', '1', '1', 'lab']);
    expect(controls({ SHIPMENT_LAB: '0' })).toEqual(['1', '1', '0', 'lab']);
    expect(controls({ LAB: '0' })).toEqual(['0', '0', '0', undefined]);
    expect(toReadyLine(planOf({ LAB: '0' }))).not.toContain('lab=');
  });

  it('starts no database when MONGO_URL names one, and does not show its URL', () => {
    const plan = planOf({ MONGO_URL: 'mongodb://me:secret@db.example/shop' });
    expect(plan.database).toBeUndefined();
    expect(plan.services.map(({ env }) => env.MONGO_URL)).toEqual(
      Array(3).fill('mongodb://me:secret@db.example/shop'),
    );
    expect(toWelcome(plan, 1000)).not.toContain('secret');
  });
});

describe('the block for a person', () => {
  it('says what runs where, how to send the first order, and how to stop', () => {
    expect(toWelcome(planOf({}), 2345)).toBe(`
Ready in 2.3 s

  order     http://127.0.0.1:3000
  payment   http://127.0.0.1:3001
  shipment  http://127.0.0.1:3002
  dashboard http://127.0.0.1:3010
  database  mongodb://127.0.0.1:3017, keeps its documents in ./data

Send the first order:

  curl -s http://127.0.0.1:3000/create -H 'Content-Type: application/json' \\
    -d '{"id":"1","items":[],"payment":{"id":"1","amount":0,"shipment":{"id":"1","directions":"home"}}}'

Stop everything: Ctrl-C
`);
  });

  it('lists the keys where there is a keyboard, and no dashboard where there is none', () => {
    const words = toWelcome(planOf({ LAB: '0' }), 1000, 'o one order, q quit');
    expect(words).toContain('\nKeys: o one order, q quit\nStop everything: Ctrl-C\n');
    expect(words).not.toContain('dashboard');
  });
});
