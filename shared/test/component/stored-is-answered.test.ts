/** What is answered is what is stored, whoever was late, and `final` is said of stored refusals alone. */
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, completes, hangs, type Manner, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();
let client: MongoClient;

beforeEach(async () => {
  client = new MongoClient(hops.mongoUrl);
});
afterEach(async () => {
  await client.close();
});

const start = (env: Record<string, string> = {}, resource = frontKind) =>
  hops.start(resource, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    RETRY_ATTEMPTS: '1',
    ...env,
  });
const documents = () => client.db().collection<{ _id: string; state: string }>('fronts');
const dead = { $set: { state: 'dead', 'out.due': null, 'out.by': null, 'out.err': 'put aside' } };

describe('a document that is put aside while its holder still waits for the next hop', () => {
  /** Lets something happen to the stored document before the next hop answers. */
  const meanwhile =
    (change: () => Promise<unknown>): Manner =>
    (received, response, socket) =>
      void change().then(() => completes(received, response, socket));

  it('is completed by the final answer, for the client and for every reader', async () => {
    const hop = await start();
    neighbour.behave(meanwhile(() => documents().updateOne({ _id: 'late' }, dead)));
    const created = await request(hop.url).post('/create').send(createDocument('late'));
    expect([created.status, created.body.status]).toEqual([200, 'completed']);
    expect((await request(hop.url).get('/fronts/late')).body.status).toBe('completed');
  });

  it('is not called final when nothing is stored of it', async () => {
    const hop = await start();
    neighbour.behave(meanwhile(() => documents().deleteOne({ _id: 'gone' })));
    const created = await request(hop.url).post('/create').send(createDocument('gone'));
    expect([created.status, created.body.final, created.body.type]).toEqual([
      503,
      undefined,
      '/problems/store-unavailable',
    ]);
  });
});

describe('final', () => {
  it('is said of what is stored as refused, and again when it is repeated', async () => {
    const hop = await start();
    neighbour.behave(answer(422, { type: '/problems/refused', detail: 'No.', final: true, errors: [] }));
    for (const _ of ['first', 'again']) {
      const refused = await request(hop.url).post('/create').send(createDocument('refused'));
      expect([refused.status, refused.body.final]).toEqual([422, true]);
    }
    expect(await hops.stored('fronts')).toMatchObject([{ _id: 'refused', state: 'cancelled' }]);
  });

  it.each([
    ['content that breaks the schema', '/create', { id: 'bad', items: 'none' }],
    ["a number of hops that is not the client's to say", '/create?count=5', createDocument('counted')],
    ['a number of hops that is none', '/create?count=many', createDocument('counted')],
  ])('is not said of %s, and nothing is stored', async (_what, path, body) => {
    const hop = await start();
    const refused = await request(hop.url).post(path).send(body);
    expect([refused.status, refused.body.final, refused.body.saved]).toEqual([422, undefined, false]);
    expect(await hops.stored('fronts')).toEqual([]);
  });
});

describe('a document that was kept under older rules', () => {
  const stricter = { ...frontKind, schema: z.looseObject({ id: z.string(), giftWrap: z.boolean() }) };

  it('is answered from the store when it is repeated under stricter ones', async () => {
    const before = await start();
    const body = createDocument('old');
    expect((await request(before.url).post('/create').send(body)).status).toBe(200);
    const after = await start({}, stricter as unknown as typeof frontKind);
    const again = await request(after.url).post('/create').send(body);
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
    const [stored] = await hops.stored('fronts');
    expect(stored?.dups).toBe(1);
  });

  it('is told where it stands while it is pending', async () => {
    neighbour.behave(hangs);
    const before = await start({ ATTEMPT_TIMEOUT_MS: '50' });
    const body = createDocument('waiting');
    expect((await request(before.url).post('/create').send(body)).status).toBe(202);
    const after = await start({}, stricter as unknown as typeof frontKind);
    expect((await request(after.url).post('/create').send(body)).status).toBe(202);
  });

  it('is not touched by other content, which meets the rules of today', async () => {
    const before = await start();
    await request(before.url).post('/create').send(createDocument('taken'));
    const after = await start({}, stricter as unknown as typeof frontKind);
    const other = await request(after.url)
      .post('/create')
      .send({ ...createDocument('taken'), items: ['more'] });
    expect([other.status, other.body.type]).toEqual([422, '/problems/invalid']);
    expect(await hops.stored('fronts')).toMatchObject([{ dups: 0 }]);
  });
});
