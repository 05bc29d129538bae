/** What stands between two hops, or answers in the place of one: at worst the document waits, and an operator is told. */
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { type Gateway, type Manners, startGateway, without } from '../support/gateway.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, endKind, frontKind, middleKind } from '../support/kinds.ts';
import { answer, useNeighbour } from '../support/neighbour.ts';

const plain = { CHAIN_KEY: '', RETRY_ATTEMPTS: '1', NEXT_NAME: 'middle', BREAKER_MIN_CALLS: '1000' };
const isChains = (name: string) => name.startsWith('chain-');
const isUnknown = (name: string) => !['content-type', 'accept', 'host', 'user-agent'].includes(name);

const hops = useHops();

const create = (hop: RunningHop, body: object) => request(hop.url).post('/create').send(body);
const stateOf = async (hop: RunningHop, id: string) =>
  (await request(hop.url).get(`/fronts/${id}`)).body.status;
const alarms = () =>
  hops.logged.filter(({ msg }) => `${msg}`.includes('cannot be handed on, check CHAIN_SVC')).length;

describe('a gateway between the front and the middle', () => {
  let gateway: Gateway;
  let front: RunningHop;

  beforeEach(async () => {
    const middle = await hops.start(middleKind, 'middle', { CHAIN_KEY: '' });
    gateway = await startGateway(middle.url);
    front = await hops.start(frontKind, 'front', { ...plain, CHAIN_SVC: gateway.url });
  });
  afterEach(() => gateway.stop());

  const strippers: [string, Manners][] = [
    ['takes away the proof', strips((name) => name === 'chain-proof')],
    ['takes away all of Chain-* and leaves the number', strips(isChains)],
    ['takes away all headers that it does not know, and the query', strips(isUnknown, { query: true })],
    ['takes away the query', strips(() => false, { query: true })],
    ['takes away the digest', strips((name) => name === 'content-digest')],
    [
      'writes the body again in its own way',
      { request: (sent) => ({ ...sent, body: JSON.stringify(JSON.parse(sent.body), null, 1) }) },
    ],
    [
      'writes another parent',
      { request: (sent) => ({ ...sent, headers: { ...sent.headers, 'chain-parent': 'other' } }) },
    ],
  ];

  it.each(strippers)(
    'that %s makes the document wait, and nothing is stored behind it',
    async (what, manners) => {
      gateway.behave(manners);
      const id = what.replaceAll(/\W/g, '-');
      const kept = await create(front, createDocument(id));
      expect([kept.status, kept.headers['retry-after']]).toEqual([202, '5']);
      expect(await stateOf(front, id)).toBe('pending');
      expect(await hops.stored('middles')).toEqual([]);
      expect(alarms()).toBe(1);
    },
  );

  it('that takes away the proof of the answer makes the document wait until it is mended', async () => {
    gateway.behave({ answer: (given) => ({ ...given, headers: without(given.headers, isChains) }) });
    const kept = await create(front, createDocument('waits'));
    expect([kept.status, kept.body.reason]).toEqual([
      202,
      expect.stringContaining('nothing proves that a hop of this chain did'),
    ]);
    gateway.behave({});
    await expect.poll(() => stateOf(front, 'waits'), { timeout: 10_000 }).toBe('completed');
    expect(await hops.stored('middles')).toMatchObject([{ _id: 'm-waits', parent: 'waits' }]);
  });

  it('that changes what was answered decides nothing', async () => {
    gateway.behave({
      answer: (given) => ({ ...given, body: given.body.replace('"message":"', '"message":"forged ') }),
    });
    expect((await create(front, createDocument('forged'))).status).toBe(202);
  });

  it('that adds headers of its own changes nothing', async () => {
    const added = { via: '1.1 front, 1.1 proxy', 'x-forwarded-for': '10.0.0.1' };
    gateway.behave({ request: (sent) => ({ ...sent, headers: { ...sent.headers, ...added } }) });
    expect((await create(front, createDocument('added'))).status).toBe(200);
    expect(alarms()).toBe(0);
  });
});

describe('an instance that only says that it is the next hop', () => {
  const neighbour = useNeighbour();
  let front: RunningHop;

  beforeEach(async () => {
    front = await hops.start(frontKind, 'front', { ...plain, CHAIN_SVC: neighbour.url });
  });

  const done = { id: 'm-lied', status: 'completed', message: 'Last', hops: [] };
  const refused = { type: '/problems/refused', detail: 'No.', final: true, errors: [] };
  const waiting = { id: 'm-lied', status: 'pending', reason: 'Soon.' };

  it.each([
    ['completes', 200, done],
    ['refuses', 422, refused],
    ['knows a conflict', 409, refused],
    ['promises', 202, waiting],
  ])('neither ends the document nor puts it off when it %s', async (_what, status, body) => {
    neighbour.behave(answer(status, body, { 'Chain-Proof': 'ab'.repeat(32) }));
    const kept = await create(front, createDocument('lied'));
    expect(kept.status).toBe(202);
    expect(kept.body.reason).toContain(`It answered ${status}, and nothing proves`);
    expect(await stateOf(front, 'lied')).toBe('pending');
    expect(alarms()).toBe(1);
  });
});

describe('hops that share no database', () => {
  const start = async (own: string, next: string) => {
    const end = await hops.start(endKind, 'end', { CHAIN_KEY: next });
    const env = { ...plain, CHAIN_SVC: `${end.url}/create`, CHAIN_KEY: own };
    return hops.start(middleKind, 'middle', env);
  };

  it('know each other by the same CHAIN_KEY, also while a new one is on its way to all of them', async () => {
    const middle = await start('old-key-0123456789', 'new-key-0123456789,old-key-0123456789');
    expect((await create(middle, createDocument('given').middle)).status).toBe(200);
  });

  it('refuse each other without it, and tell what to do', async () => {
    const middle = await start('old-key-0123456789', 'new-key-0123456789');
    const kept = await create(middle, createDocument('strangers').middle);
    expect([kept.status, kept.body.reason]).toEqual([
      202,
      expect.stringContaining('need the same CHAIN_KEY'),
    ]);
    expect(await hops.stored('ends')).toEqual([]);
    expect(JSON.stringify(hops.logged)).not.toMatch(/(old|new)-key-/);
  });
});

function strips(goes: (name: string) => boolean, { query = false } = {}): Manners {
  return {
    request: ({ headers, path, body }) => ({
      headers: without(headers, goes),
      path: query ? (path.split('?')[0] ?? '') : path,
      body,
    }),
  };
}
