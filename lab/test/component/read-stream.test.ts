/** Reading a real stream over real connections that end, fall silent and are refused. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { readStream, type StreamMessage } from '../../server/read-stream.ts';
import { type StreamServer, startStreamServer, toMessage } from '../support/stream-server.ts';

const quick = { firstWaitMs: 1, longestWaitMs: 4 };
let server: StreamServer;
let heard: StreamMessage[];
let losses: string[];
let end: () => void = () => {};

beforeEach(async () => {
  server = await startStreamServer();
  heard = [];
  losses = [];
});

afterEach(async () => {
  end();
  await server.stop();
});

it('hears every message with its name, id and content', async () => {
  server.greet(
    toMessage('snapshot', { a: 1 }),
    ': a comment\n\n',
    'data: [2]\n\n',
    toMessage('tick', 3, 'b-3'),
  );
  read();
  await until('three messages', () => heard.length === 3);
  expect(heard.map(({ event, id, data }) => ({ event, id, data }))).toEqual([
    { event: 'snapshot', id: undefined, data: { a: 1 } },
    { event: 'message', id: undefined, data: [2] },
    { event: 'tick', id: 'b-3', data: 3 },
  ]);
  expect(server.attempts[0]).toMatchObject({ accept: 'text/event-stream' });
  expect(server.attempts[0]).not.toHaveProperty('last-event-id');
});

it('comes back after the end of a connection and names the last id it heard', async () => {
  server.greet(toMessage('fault', 1, 'b-1'), toMessage('tick', 2));
  read();
  await until('the greeting', () => heard.length === 2);
  server.hangUp();
  await until('the greeting again', () => heard.length === 4);
  expect(losses).toEqual(['ended the stream']);
  expect(server.attempts.map((headers) => headers['last-event-id'])).toEqual([undefined, 'b-1']);
});

it('keeps asking while it is refused, and hears what comes then', async () => {
  server.answerWith(503);
  server.greet(toMessage('snapshot', 1));
  read();
  await until('three refusals', () => losses.length >= 3);
  server.answerWith(200);
  await until('a message', () => heard.length === 1);
  expect(new Set(losses)).toEqual(new Set(['answered 503']));
});

it('gives up a connection that has fallen silent', async () => {
  read({ silentMs: 50 });
  await until('two attempts', () => server.attempts.length >= 2);
  expect(losses[0]).toBe('silent for 0.05 s');
});

it('says what is wrong with what is not JSON, and comes back', async () => {
  server.greet('data: {\n\n');
  read();
  await until('two attempts', () => server.attempts.length >= 2);
  expect(losses[0]).toMatch(/JSON/);
});

it('names the system error when nobody listens', async () => {
  const { url } = server;
  await server.stop();
  read({ url: `${url}/events` });
  await until('a loss', () => losses.length > 0);
  expect(losses[0]).toBe('ECONNREFUSED');
  server = await startStreamServer();
});

it('says nothing more after its end, and leaves the connection', async () => {
  server.greet(toMessage('snapshot', 1));
  read();
  await until('the greeting', () => heard.length === 1);
  end();
  server.send(toMessage('tick', 2));
  await server.stop();
  expect([heard.length, losses, server.attempts.length]).toEqual([1, [], 1]);
  server = await startStreamServer();
});

function read(options: { url?: string; silentMs?: number } = {}): void {
  end = readStream({
    url: `${server.url}/events`,
    onMessage: (message) => heard.push(message),
    onLost: (why) => losses.push(why),
    ...quick,
    ...options,
  });
}
