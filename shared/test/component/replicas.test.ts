/** Several instances of the next hop: who gets a call, who is left out, and what a reader sees. */
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, endKind, frontKind, middleKind } from '../support/kinds.ts';
import { answer, completes, hangs, type Neighbour, startNeighbour } from '../support/neighbour.ts';
import { startChain } from '../support/start-chain.ts';

const hops = useHops();
let neighbours: Neighbour[];

beforeEach(async () => {
  neighbours = await Promise.all([startNeighbour(), startNeighbour(), startNeighbour()]);
});
afterEach(async () => {
  await Promise.all(neighbours.map((neighbour) => neighbour.stop()));
});

const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbours.map(({ url }) => url).join(','),
    NEXT_NAME: 'middle',
    BREAKER_MIN_CALLS: '3',
    BREAKER_OPEN_MS: '60000',
    ...env,
  });
const send = (hop: RunningHop, id?: string) => request(hop.url).post('/create').send(createDocument(id));
const sendMany = async (hop: RunningHop, count: number) => {
  const statuses: number[] = [];
  for (let sent = 0; sent < count; sent += 1) statuses.push((await send(hop)).status);
  return statuses;
};
const shares = () => neighbours.map(({ received }) => received.length);
const at = (index: number) => neighbours[index] as Neighbour;
const breakersOf = async (hop: RunningHop): Promise<{ name: string; state: string }[]> =>
  (await request(hop.url).get('/breakers')).body.breakers;

describe('several instances', () => {
  it('have a breaker each, named after where they are', async () => {
    const hop = await start();
    expect((await breakersOf(hop)).map(({ name }) => name)).toEqual(
      neighbours.map(({ url }) => `front→middle@${new URL(url).host}`),
    );
  });

  it.each(['least-pending', 'round-robin'])('get the same share when all are well: %s', async (BALANCER) => {
    const hop = await start({ BALANCER });
    await sendMany(hop, 30);
    expect(shares()).toEqual([10, 10, 10]);
  });

  it('all get calls by chance', async () => {
    const hop = await start({ BALANCER: 'random' });
    await sendMany(hop, 40);
    for (const share of shares()) expect(share).toBeGreaterThan(2);
  });

  it('in real time: get fewer calls the slower they are, by latency', async () => {
    const hop = await start({ BALANCER: 'latency' });
    at(1).behave((...args) => void setTimeout(() => completes(...args), 300));
    await sendMany(hop, 40);
    expect(shares()[1]).toBeLessThan(10);
  });

  it('lose the sick one: no document fails for it, and it gets no call once its breaker is open', async () => {
    const hop = await start({ BALANCER: 'round-robin' });
    at(1).behave(answer(500, {}));
    expect(new Set(await sendMany(hop, 30))).toEqual(new Set([200]));
    expect(at(1).received).toHaveLength(3);
    expect((await breakersOf(hop)).map(({ state }) => state)).toEqual(['closed', 'open', 'closed']);
  });

  it('send a second attempt to another one', async () => {
    const hop = await start({ BALANCER: 'round-robin' });
    at(0).behave(hangs);
    const response = await send(hop).set('Request-Timeout-Ms', '3500');
    expect(response.status).toBe(200);
    expect(shares().reduce((sum, share) => sum + share)).toBeLessThanOrEqual(2);
  });

  it('keep the last one that still answers now and then, and leave out one that never does', async () => {
    const hop = await start({ BALANCER: 'round-robin', RETRY_ATTEMPTS: '1' });
    at(0).behave(answer(500, {}));
    at(1).behave(answer(500, {}));
    let turn = 0;
    at(2).behave((...args) => {
      turn += 1;
      (turn % 3 === 0 ? completes : answer(500, {}))(...args);
    });
    await sendMany(hop, 40);
    expect((await breakersOf(hop)).map(({ state }) => state)).toEqual(['open', 'open', 'closed']);
    at(2).behave(answer(500, {}));
    await until('the last one is given up too', async () => {
      await send(hop);
      return (await breakersOf(hop)).every(({ state }) => state === 'open');
    });
  });
});

describe('a next hop that is the wrong service', () => {
  it('refuses the document as misdirected, and the document is neither refused nor cancelled', async () => {
    const end = await hops.start(endKind, 'end');
    const hop = await hops.start(frontKind, 'front', {
      CHAIN_SVC: `${end.url}/create`,
      NEXT_NAME: 'middle',
    });
    const response = await send(hop, 'astray');
    expect(response.status).toBe(202);
    expect(response.body.reason).toContain('CHAIN_SVC leads to the wrong service');
    expect((await request(hop.url).get('/fronts/astray')).body.status).toBe('pending');
    expect(await hops.stored('ends')).toEqual([]);
  });
});

describe('GET /fronts/:id?expand=…', () => {
  const read = async (hop: RunningHop, expand: string) =>
    request(hop.url).get('/fronts/f-1').query({ expand });

  it('shows what became of the middle and the end', async () => {
    const { front } = await startChain(hops);
    await send(front, 'f-1');
    const { body } = await read(front, 'middle,end');
    expect(body).toMatchObject({
      id: 'f-1',
      status: 'completed',
      middle: { id: 'm-f-1', status: 'completed', ledger: [{ t: 'charge' }, { t: 'capture' }] },
      end: { id: 'e-f-1', status: 'completed' },
    });
    expect(body.middle).not.toHaveProperty('end');
    expect(body).not.toHaveProperty('degraded');
    expect((await read(front, 'end')).body).not.toHaveProperty('middle');
  });

  it('answers what is known, marked as degraded, when the middle cannot be read', async () => {
    const { front, middle } = await startChain(hops);
    await send(front, 'f-1');
    await middle.stop();
    const response = await read(front, 'middle');
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      id: 'f-1',
      status: 'completed',
      degraded: true,
      missing: [{ name: 'middle', reason: expect.stringContaining('middle: The connection was refused') }],
      middle: { id: 'm-f-1', status: 'unknown' },
    });
    expect((await request(front.url).get('/metrics')).text).toMatch(
      /^fallbacks_total\{next="middle",code="neighbour-unreachable",service="front"\} 1$/m,
    );
  });

  it('says the same of an end behind a middle that can be read', async () => {
    const { front, end } = await startChain(hops);
    await send(front, 'f-1');
    await end.stop();
    expect((await read(front, 'middle,end')).body).toMatchObject({
      degraded: true,
      missing: [{ name: 'end' }],
      middle: { status: 'completed' },
      end: { id: 'e-f-1', status: 'unknown' },
    });
  });

  it('passes the trace and the release on with a reading, as with a create', async () => {
    const hop = await start();
    await send(hop, 'f-1');
    const brought = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'vendor=1',
      'x-release': 'canary',
    };
    await request(hop.url).get('/fronts/f-1?expand=middle').set(brought);
    const reading = neighbours
      .flatMap(({ received }) => received)
      .find(({ url }) => url?.startsWith('/middles/m-f-1?'));
    expect(reading?.headers).toMatchObject(brought);
  });

  it('refuses a part that does not exist', async () => {
    const { front } = await startChain(hops);
    const response = await read(front, 'middle,invoice');
    expect(response.status).toBe(422);
    expect(response.body.errors).toEqual([
      { pointer: '/expand', detail: 'Must be middle, end or several of them.' },
    ]);
  });
});

describe('no instance at all', () => {
  it('keeps the document, says so, and goes on the moment one is there', async () => {
    const hop = await start({ CHAIN_SVC: 'local+http://middle/create', DISCOVERY_GROUP: 'replicas-test' });
    const response = await send(hop, 'early');
    expect(response.status).toBe(202);
    expect(response.body.reason).toBe('There is no instance of middle now. Nothing was sent.');
    const middle = await hops.start(middleKind, 'middle', {
      JUMPS: '1',
      DISCOVERY: '1',
      DISCOVERY_GROUP: 'replicas-test',
    });
    await until('the document is completed', async () => {
      const { body } = await request(hop.url).get('/fronts/early');
      return body.status === 'completed';
    });
    expect((await request(hop.url).get('/readyz?verbose')).body.next).toEqual({
      name: 'middle',
      instances: [new URL(middle.url).host],
      problems: [],
    });
    await middle.stop();
    await until('the instance is forgotten', async () => {
      const { body } = await request(hop.url).get('/readyz?verbose');
      return body.next.instances.length === 0;
    });
  });

  it('says in /readyz?verbose which name cannot be resolved', async () => {
    const hop = await start({ CHAIN_SVC: 'dns+http://nobody.invalid:3000/create' });
    const { body } = await request(hop.url).get('/readyz?verbose');
    expect(body.next).toMatchObject({ name: 'middle', instances: [] });
    await until('the problem is named', async () => {
      const { problems } = (await request(hop.url).get('/readyz?verbose')).body.next;
      return problems[0]?.startsWith('The name nobody.invalid cannot be resolved (E');
    });
  });

  it('finds every address behind a name', async () => {
    const { port } = new URL(at(0).url);
    const hop = await start({ CHAIN_SVC: `dns+http://localhost:${port}/create` });
    await until('the name is resolved', async () => {
      const { instances } = (await request(hop.url).get('/readyz?verbose')).body.next;
      return instances.includes(`127.0.0.1:${port}`);
    });
    expect((await send(hop)).status).toBe(200);
  });
});
