/** What the keys of npm start do, with real servers in the place of the parts. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createKeys } from '../../start/keys.ts';
import type { Plan, PlannedProcess, PlannedService } from '../../start/plan.ts';

interface Asked {
  readonly what: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

/** A part that answers everything alike, and what it was asked. */
async function createPart(name: string, status = 200, answer: object = {}, env: NodeJS.ProcessEnv = {}) {
  const asked: Asked[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method, url, headers } = request;
    asked.push({
      what: `${method} ${url}`,
      token: headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    });
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const part: PlannedService = { name, service: name, script: '', host: '127.0.0.1', port, url, env };
  return { part, asked };
}

function keysOf(plan: { services: PlannedService[]; lab?: PlannedProcess }) {
  const said: string[] = [];
  let quits = 0;
  const keys = createKeys({ lab: undefined, ...plan } as unknown as Plan, {
    print: (line) => void said.push(line),
    quit: () => {
      quits += 1;
    },
  });
  return { keys, said, quits: () => quits };
}

it('o sends a fresh order and says in one line what came of it', async () => {
  const door = await createPart('order', 200, { status: 'completed', message: 'This is order -> Last' });
  const { keys, said } = keysOf({ services: [door.part] });
  await keys.press('o');
  await keys.press('o');
  expect(said).toEqual(
    Array(2).fill(expect.stringMatching(/^order key-\w{8}: 200 completed in \d+ ms: This is order -> Last$/)),
  );
  expect(said[0]).not.toBe(said[1]?.replace(/in \d+ ms/, said[0]?.match(/in \d+ ms/)?.[0] ?? ''));
});

it('b breaks the last service for a minute, with the token', async () => {
  const env = { LAB: '1', LAB_TOKEN: 'a-long-secret' };
  const shipment = await createPart('shipment', 200, {}, env);
  const { keys, said } = keysOf({ services: [shipment.part] });
  await keys.press('b');
  expect(shipment.asked).toEqual([
    {
      what: 'PUT /faults/key-b',
      token: 'Bearer a-long-secret',
      body: { type: 'error', status: 503, ttlMs: 60_000 },
    },
  ]);
  expect(said).toEqual(['shipment answers every order with 503 for 60 s; r ends it']);
});

it('b breaks every instance of the last service', async () => {
  const one = await createPart('shipment', 201, {}, { LAB: '1' });
  const two = await createPart('shipment', 201, {}, { LAB: '1' });
  const other = await createPart('payment');
  const { keys, said } = keysOf({ services: [other.part, one.part, { ...two.part, name: 'shipment-2' }] });
  await keys.press('b');
  expect([other, one, two].map(({ asked }) => asked.length)).toEqual([0, 1, 1]);
  expect(said).toEqual(['shipment answers every order with 503 for 60 s; r ends it']);
});

it('r resets through the lab, and says why when that fails', async () => {
  const lab = await createPart('lab', 502, { detail: 'payment is not reset: nobody listens there.' });
  const { keys, said } = keysOf({ services: [], lab: lab.part });
  await keys.press('r');
  expect(lab.asked).toEqual([{ what: 'POST /api/reset', token: undefined, body: {} }]);
  expect(said).toEqual(['That did not work: payment is not reset: nobody listens there.']);
});

it('t turns traffic on at the rate that the lab has, or off, and says which', async () => {
  for (const on of [false, true]) {
    const lab = await createPart('lab', 200, { traffic: { on, ratePerSecond: 35 } });
    const { keys, said } = keysOf({ services: [], lab: lab.part });
    await keys.press('t');
    expect(lab.asked.map(({ what, body }) => [what, body])).toEqual([
      ['GET /api/status', undefined],
      ['PUT /api/traffic', { on: !on, ratePerSecond: 35 }],
    ]);
    expect(said).toEqual([
      on ? 'Traffic is off' : 'Traffic: 35 orders a second, for ten minutes at most; t stops it',
    ]);
  }
});

it('a part that is away is named', async () => {
  const part: PlannedService = {
    name: 'order',
    service: 'order',
    script: '',
    host: '127.0.0.1',
    port: 1,
    url: 'http://127.0.0.1:1',
    env: {},
  };
  const { keys, said } = keysOf({ services: [part] });
  await keys.press('o');
  expect(said).toEqual(['That did not work: order does not answer.']);
});

it('q quits, ? lists the keys, and others do nothing', async () => {
  const { part } = await createPart('order');
  const lab = await createPart('lab');
  const { keys, said, quits } = keysOf({ services: [{ ...part, env: { LAB: '1' } }], lab: lab.part });
  for (const key of ['?', 'x', 'toString', ' ', 'q']) await keys.press(key);
  expect(said).toEqual(['d dashboard, o one order, t traffic, b break order, r reset, q quit, ? these keys']);
  expect(quits()).toBe(1);
});

it('offers only what there is: without a lab no dashboard and no reset, without controls no break', async () => {
  const { part } = await createPart('order');
  const { keys } = keysOf({ services: [{ ...part, env: { LAB: '0' } }] });
  expect(keys.words).toBe('o one order, q quit, ? these keys');
});
