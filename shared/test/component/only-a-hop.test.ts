/** What a request from outside may not say: nobody but a hop speaks for the chain, at whichever port. */
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { hangs, useNeighbour } from '../support/neighbour.ts';
import { type ChainOfThree, startChain } from '../support/start-chain.ts';

/** Without a word of configuration: the key is the one that the hops keep in their database. */
const unconfigured = { CHAIN_KEY: '', RETRY_ATTEMPTS: '1', ATTEMPT_TIMEOUT_MS: '800' };
const services = ['front', 'middle', 'end'] as const;
type Service = (typeof services)[number];

const hops = useHops();
let chain: ChainOfThree;

beforeEach(async () => {
  chain = await startChain(hops, { env: unconfigured });
});

const content = { front: createDocument, middle: toMiddle, end: toEnd };
const plurals = { front: 'fronts', middle: 'middles', end: 'ends' };
const post = (service: Service, headers: Record<string, string>, body: object, query = '') =>
  request(chain[service].url).post(`/create${query}`).set(headers).send(body);
const keptAnywhere = async () => (await Promise.all(Object.values(plurals).map(hops.stored))).flat();

describe.each(services)('a client that says at %s what only a hop may say', (service) => {
  const forgeries: [string, Record<string, string>, string][] = [
    ['a parent', { 'Chain-Parent': 'x' }, ''],
    ['a parent and the number of the last hop', { 'Chain-Parent': 'x' }, '?count=5'],
    ['a kind of document', { 'Chain-Part': service }, ''],
    ['a proof of its own making', { 'Chain-Parent': 'x', 'Chain-Proof': 'ab'.repeat(32) }, '?count=1'],
    ['a proof that is none', { 'Chain-Parent': 'x', 'Chain-Proof': 'let me in' }, '?count=1'],
    ['a proof alone', { 'Chain-Proof': 'ab'.repeat(32) }, ''],
  ];

  it.each(forgeries)(
    'is refused when it says %s: not for good, and nothing is stored',
    async (_what, headers, query) => {
      const answer = await post(service, headers, content[service]('forged'), query);
      expect({ status: answer.status, ...answer.body }).toMatchObject({
        status: 403,
        type: '/problems/unproven',
        saved: false,
      });
      expect(answer.body).not.toHaveProperty('final');
      expect(await keptAnywhere()).toEqual([]);
    },
  );

  it('is refused when it says a number alone, and nothing is stored', async () => {
    const answer = await post(service, {}, content[service]('numbered'), '?count=5');
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, '/count']);
    expect(await keptAnywhere()).toEqual([]);
  });

  it('stores no refusal under an id of its choice, so the document that comes by right is taken', async () => {
    const { id } = content[service]('honest');
    await post(service, { 'Chain-Parent': 'x' }, { id, nonsense: true }, '?count=1');
    const honest = await post('front', {}, createDocument('honest'));
    expect([honest.status, honest.body.status]).toEqual([200, 'completed']);
  });

  it('is taken like anybody when it only says Via or Chain-Retrying, and its polls make no 508', async () => {
    const forged = { Via: `1.1 ${service}`, 'Chain-Retrying': '1' };
    const body = content[service]('via');
    const statuses = await Promise.all(Array.from({ length: 8 }, () => post(service, forged, body)));
    expect(statuses.filter(({ status }) => status !== 200 && status !== 202)).toEqual([]);
  });
});

describe('headers of a client that mean something between hops', () => {
  const neighbour = useNeighbour();
  let hop: RunningHop;

  beforeEach(async () => {
    hop = await hops.start(frontKind, 'front', {
      CHAIN_SVC: neighbour.url,
      RETRY_ATTEMPTS: '2',
      ATTEMPT_TIMEOUT_MS: '400',
      ADMISSION_MAX: '1',
    });
  });

  it('are not passed on as if a hop had said them', async () => {
    const body = createDocument('passed');
    await request(hop.url).post('/create').set('Via', '1.1 mallory').send(body);
    await request(hop.url).get('/fronts/passed?expand=middle').set('Via', '1.1 mallory');
    expect(neighbour.received.map(({ headers }) => headers.via)).toEqual(['1.1 front', '1.1 front']);
  });

  it('do not keep a hop from trying once more by itself', async () => {
    neighbour.behave((_call, _response, socket) => socket.resetAndDestroy());
    await request(hop.url).post('/create').set('Chain-Retrying', '1').send(createDocument());
    expect(neighbour.received.length).toBeGreaterThan(1);
  });

  it('do not double the room of admission', async () => {
    neighbour.behave(hangs);
    const first = request(hop.url)
      .post('/create')
      .send(createDocument())
      .then((response) => response);
    await expect.poll(() => neighbour.received.length).toBe(1);
    const forged = { 'Chain-Parent': 'x', 'Chain-Proof': 'ab'.repeat(32) };
    const second = await request(hop.url).post('/create?count=1').set(forged).send(createDocument());
    expect([second.status, second.body.type]).toEqual([503, '/problems/overloaded']);
    await first;
  });
});

function toMiddle(id: string) {
  return createDocument(id).middle;
}

function toEnd(id: string) {
  return createDocument(id).middle.end;
}
