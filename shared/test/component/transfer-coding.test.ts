/** What is sent in a transfer coding that nobody knows, or is no HTTP at all, is refused in words and never read as JSON. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';

const hops = useHops('file');
let hop: RunningHop;

beforeAll(async () => {
  hop = await hops.start(frontKind, 'front');
});

/** Sends bytes as they are, and reads until the service closes the connection. */
async function send(bytes: string) {
  const socket = connect(Number(new URL(hop.url).port), '127.0.0.1', () => socket.write(bytes));
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: JSON.parse(body) as Record<string, unknown> };
}
const body = JSON.stringify(createDocument('coded'));
const chunked = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const post = (headers: string) =>
  `POST /create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${chunked}`;

it.each(['gzip, chunked', 'deflate, chunked', 'identity', 'foo', 'gzip', 'xchunked'])(
  'Transfer-Encoding: %s is answered 501, and the connection is closed',
  async (coding) => {
    const answer = await send(post(`Transfer-Encoding: ${coding}`));
    expect({ ...answer.body, status: answer.status }).toMatchObject({
      status: 501,
      type: '/problems/not-implemented',
      saved: false,
      service: 'front',
    });
    expect(answer.head.toLowerCase()).toContain('connection: close');
  },
);

it.each([
  ['two ways to measure a body', post('Transfer-Encoding: chunked\r\nContent-Length: 5'), 400],
  ['chunked twice', post('Transfer-Encoding: chunked, chunked'), 400],
  ['chunked before the last coding', post('Transfer-Encoding: chunked, gzip'), 400],
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['too many headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
])('%s is answered as a problem', async (_what, bytes, status) => {
  const answer = await send(bytes);
  expect({ ...answer.body, status: answer.status }).toMatchObject({
    status,
    type: '/problems/unreadable',
    saved: false,
    service: 'front',
    requestId: expect.any(String),
  });
});

it('nothing of it is kept, and a chunked body is taken as ever', async () => {
  expect(await hops.stored('fronts')).toEqual([]);
  expect((await send(post('Transfer-Encoding: Chunked\r\nConnection: close'))).status).toBe(200);
});
