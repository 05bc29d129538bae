/** Several creates in one message: each is answered, refused, broken and counted as if it had come alone. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { groupType, maxEntries, parseEntryAnswer, writeGroup } from '../../src/delivery/group-format.ts';
import { toKeyObject } from '../../src/proof/chain-keys.ts';
import { proveClaim, toDigest } from '../../src/proof/chain-proof.ts';
import { chainKey, sealAnswer, toHopRequest } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, endKind, frontKind, middleKind } from '../support/kinds.ts';

const hops = useHops();

/** An entry as a hop sends it; `said` replaces headers. */
function toEntry(id: string, said: Record<string, string> = {}, text = 'home') {
  const body = JSON.stringify({ id, text });
  const { headers } = toHopRequest(body, {
    parent: `p-${id}`,
    headers: { 'X-Request-Id': `r-${id}`, ...said },
  });
  return { headers: headers as Record<string, string>, body };
}

type Entry = ReturnType<typeof toEntry>;

/** Sends a group, and gives its answer as it comes. */
function post(
  hop: RunningHop,
  body: string,
  { key = chainKey, digest = toDigest(body), type = groupType } = {},
) {
  const claim = { parent: '', part: 'group', count: '1', retrying: '', digest };
  const headers = {
    'Content-Type': type,
    'Content-Digest': digest,
    'Chain-Part': 'group',
    'Chain-Proof': proveClaim(toKeyObject(key), claim),
  };
  const sent = httpRequest(`${hop.url}/create?count=1`, { method: 'POST', headers });
  sent.on('error', () => undefined);
  sent.end(body);
  return sent;
}

const toGroup = (entries: readonly Entry[]) => writeGroup(entries);

/** All answers of a group by the index of their entry: status and parsed body. */
async function answersOf(sent: ReturnType<typeof post>) {
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const text = await textOfAnswer(answer);
  if (answer.statusCode !== 200) return [{ status: answer.statusCode, headers: undefined, text }];
  const answers = new Map(text.split('\n').filter(Boolean).map(toAnswer));
  return [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer);
}

function toAnswer(line: string) {
  const { index = -1, answer } = parseEntryAnswer(line) ?? {};
  const status = answer?.status ?? 'cut';
  return [index, { status, headers: answer?.headers, text: answer?.text ?? '' }] as const;
}

async function textOf(sent: ReturnType<typeof post>): Promise<string> {
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return textOfAnswer(answer);
}

async function textOfAnswer(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const fault = (hop: RunningHop, name: string, spec: object) =>
  request(hop.url).put(`/faults/${name}`).send(spec).expect(201);
const statusesOf = async (sent: ReturnType<typeof post>) =>
  (await answersOf(sent)).map(({ status }) => status);

describe('a group', () => {
  it('gets an answer for every entry, each with its status, its request id, and its own proof', async () => {
    const end = await hops.start(endKind, 'end');
    const entries = [toEntry('a'), toEntry('b', {}, 'nowhere'), toEntry('a')];
    const [a, b, repeat] = await answersOf(post(end, toGroup(entries)));
    expect([a?.status, b?.status, repeat?.status]).toEqual([200, 422, 200]);
    expect([a, b].map((one) => one?.headers?.['x-request-id'])).toEqual(['r-a', 'r-b']);
    const due = sealAnswer(entries[1]?.headers['Chain-Proof'], 422, b?.text ?? '')['Chain-Proof'];
    expect(b?.headers?.['chain-proof']).toBe(due);
    expect(await hops.stored('ends')).toMatchObject([{ _id: 'a' }, { _id: 'b', state: 'rejected' }]);
  });

  it('is counted and measured by its entries', async () => {
    const end = await hops.start(endKind, 'end');
    await answersOf(post(end, toGroup([toEntry('a'), toEntry('b')])));
    const { text } = await request(end.url).get('/metrics');
    expect(text).toMatch(/http_server_request_duration_seconds_count\{[^}]*route="\/create"[^}]*\} 2\n/);
  });

  it('takes a place for each entry; those that find none are refused alone', async () => {
    const end = await hops.start(endKind, 'end', { ADMISSION_MAX: '1', LAB: '1' });
    await fault(end, 'slow', { type: 'latency', ms: 50 });
    const statuses = await statusesOf(post(end, toGroup(['a', 'b', 'c'].map((id) => toEntry(id)))));
    expect(statuses).toEqual([200, 200, 503]);
  });

  it('gives each entry its own time to wait', async () => {
    const end = await hops.start(endKind, 'end');
    const entries = [toEntry('a', { 'Request-Timeout-Ms': '0' }), toEntry('b')];
    expect(await statusesOf(post(end, toGroup(entries)))).toEqual([504, 200]);
  });

  it('answers what is ready, and does not wait for what is held', async () => {
    const end = await hops.start(endKind, 'end', { LAB: '1' });
    await fault(end, 'stuck', { type: 'hang', match: 'held' });
    const sent = post(end, toGroup([toEntry('held'), toEntry('b')]));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const [piece] = (await once(answer, 'data')) as [Buffer];
    expect(toAnswer(piece.toString())).toMatchObject([1, { status: 200 }]);
    await request(end.url).delete('/faults/stuck');
    const [rest] = (await once(answer, 'data')) as [Buffer];
    expect(toAnswer(rest.toString())).toMatchObject([0, { status: 'cut' }]);
  });

  it.each([
    ['reset', 'cut'],
    ['error', 503],
  ])('has a fault of type %s at one entry alone', async (type, status) => {
    const end = await hops.start(endKind, 'end', { LAB: '1' });
    await fault(end, 'one', { type, match: 'hit' });
    const entries = ['a', 'hit', 'c'].map((id) => toEntry(id));
    expect(await statusesOf(post(end, toGroup(entries)))).toEqual([200, status, 200]);
  });

  it('whose sender leaves is kept as without that, and its places are free again', async () => {
    const end = await hops.start(endKind, 'end', { LAB: '1', ADMISSION_MAX: '1' });
    await fault(end, 'stuck', { type: 'hang', phase: 'after', match: 'held-*' });
    const sent = post(end, toGroup([toEntry('held-a'), toEntry('held-b')]));
    const hits = async () => (await request(end.url).get('/faults')).body.faults[0].hits;
    await until('both are held', async () => (await hits()) === 2);
    const others = () => statusesOf(post(end, toGroup([toEntry('c'), toEntry('d')])));
    expect(await others()).toEqual([503]);
    sent.destroy();
    await until('both places are free', async () => `${await others()}` === '200,200');
    expect(await hops.stored('ends')).toHaveLength(4);
  });

  it('whose sender leaves is counted as late work by its entries', async () => {
    const end = await hops.start(endKind, 'end', { LAB: '1' });
    await fault(end, 'slow', { type: 'latency', ms: 60_000 });
    const sent = post(end, toGroup([toEntry('a'), toEntry('b')]));
    const hits = async () => (await request(end.url).get('/faults')).body.faults[0].hits;
    await until('both are held', async () => (await hits()) === 2);
    sent.destroy();
    const late = async () => (await request(end.url).get('/readyz?verbose')).body.finishedTooLate;
    await until('both are finished', async () => (await late()) === 2);
    expect(await hops.stored('ends')).toHaveLength(2);
  });
});

describe('what is no group of a hop', () => {
  const bodyOf = async (sent: ReturnType<typeof post>) => {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return [answer.statusCode, JSON.parse(await textOfAnswer(answer)).type];
  };

  it('is refused as from anybody when no hop proves it', async () => {
    const end = await hops.start(endKind, 'end');
    const sent = post(end, toGroup([toEntry('a')]), { key: 'another-key-0123456789' });
    expect(await bodyOf(sent)).toEqual([415, '/problems/unsupported-media-type']);
    expect(await hops.stored('ends')).toEqual([]);
  });

  it('is refused when its body is not the one that is proven', async () => {
    const end = await hops.start(endKind, 'end');
    const sent = post(end, toGroup([toEntry('a')]), { digest: toDigest('other') });
    expect(await bodyOf(sent)).toEqual([403, '/problems/unproven']);
    expect(await hops.stored('ends')).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['empty', '[]'],
    ['too many entries', toGroup(Array.from({ length: maxEntries + 1 }, (_, n) => toEntry(`${n}`)))],
    [
      'entries of another form',
      JSON.stringify([
        [{}, '{}'],
        [{ a: 1 }, '{}'],
      ]),
    ],
  ])('is refused as a whole: %s', async (_what, body) => {
    const end = await hops.start(endKind, 'end');
    expect(await bodyOf(post(end, body))).toEqual([400, '/problems/unreadable']);
    expect(await hops.stored('ends')).toEqual([]);
  });

  it('has an entry without proof refused, and that alone', async () => {
    const end = await hops.start(endKind, 'end');
    const forged = { ...toEntry('b'), body: JSON.stringify({ id: 'other', text: 'home' }) };
    const plain = { ...toEntry('c'), headers: { 'Content-Type': 'application/json' } };
    expect(await statusesOf(post(end, toGroup([toEntry('a'), forged, plain])))).toEqual([200, 403, 403]);
    expect(await hops.stored('ends')).toMatchObject([{ _id: 'a' }]);
  });
});

describe('between two hops', () => {
  it('documents that leave together travel in fewer messages, and all are completed', async () => {
    await hops.start(endKind, 'end').then(async (end) => {
      const wire = await startWire(end);
      const middle = await hops.start(middleKind, 'middle', { CHAIN_SVC: wire.url, NEXT_NAME: 'end' });
      const front = await hops.start(frontKind, 'front', {
        CHAIN_SVC: `${middle.url}/create`,
        NEXT_NAME: 'middle',
      });
      const create = () => request(front.url).post('/create').send(createDocument());
      await create().expect(200);
      const before = wire.messages();
      const answers = await Promise.all(Array.from({ length: 24 }, create));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(wire.messages() - before).toBeLessThan(24);
      wire.server.close();
    });
  });

  it('a service with middleware of its own takes none, and gets every document through it', async () => {
    let passed = 0;
    const own = {
      middleware: [
        (_request: unknown, _response: unknown, next: () => void) => {
          passed += 1;
          next();
        },
      ],
    };
    const end = await hops.start(endKind, 'end', {}, { own });
    expect(await textOf(post(end, toGroup([toEntry('a')])))).toContain('unsupported-media-type');
    const middle = await hops.start(middleKind, 'middle', { CHAIN_SVC: `${end.url}/create` });
    const create = () => request(middle.url).post('/create').send(createDocument().middle);
    const answers = await Promise.all(Array.from({ length: 8 }, create));
    expect([new Set(answers.map(({ status }) => status)), passed]).toEqual([new Set([200]), 8]);
  });
});

/** Passes bytes to a hop and counts the requests among them. */
async function startWire(hop: RunningHop): Promise<{ url: string; server: Server; messages(): number }> {
  let messages = 0;
  const server = createServer((socket) => {
    const behind = connect(Number(new URL(hop.url).port), '127.0.0.1');
    socket.on('data', (bytes) => {
      messages += bytes.toString('latin1').split('POST /create').length - 1;
    });
    socket.pipe(behind).pipe(socket);
    for (const one of [socket, behind]) one.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/create`, server, messages: () => messages };
}
