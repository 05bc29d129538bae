/** What travels together, what goes alone, and what becomes of each document when a message breaks. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGroupClient } from '../../../src/delivery/group-client.ts';
import {
  type EntryAnswer,
  groupHeader,
  groupType,
  maxBodiesBytes,
  maxEntries,
  parseGroup,
  writeEntryAnswer,
} from '../../../src/delivery/group-format.ts';
import { createGivenKeys } from '../../../src/proof/chain-keys.ts';
import { proveClaim, toDigest } from '../../../src/proof/chain-proof.ts';
import { AttemptTimeoutError, NeighbourError } from '../../../src/resilience/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../src/resilience/http-client.ts';
import { chainKey } from '../../support/as-hop.ts';

/** One message that was sent, and how a test answers it. */
interface Sent extends HttpRequest {
  /** A piece of its answer's body comes. */
  piece(text: string): void;
  end(answer?: Partial<HttpResponse> & { readonly headers?: Record<string, string> }): void;
  fail(error: Error): void;
}

const url = 'http://back/create?count=1';
const keys = createGivenKeys(chainKey);
let now = 0;
let sent: Sent[];
let client: HttpClient;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  [now, sent] = [0, []];
  const plain: HttpClient = {
    send: (request) =>
      new Promise((resolve, reject) => {
        request.signal?.addEventListener('abort', () => reject(new NeighbourError('any', 'Given up.')));
        sent.push({
          ...request,
          piece: (text) => request.onBytes?.(Buffer.from(text)),
          end: ({ status = 200, headers = { 'content-type': groupType }, text = '' } = {}) =>
            resolve({ status, text, header: (name) => headers[name] }),
          fail: reject,
        });
      }),
    close: () => undefined,
  };
  client = createGroupClient(plain, { keys, clock: () => now });
});
afterEach(() => {
  vi.useRealTimers();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const send = (body = '{}', given: Partial<HttpRequest> = {}) =>
  client.send({
    method: 'POST',
    url,
    body,
    headers: { 'X-Any': body },
    timeoutMs: 100,
    groupKey: '',
    ...given,
  });
/** Sends without waiting; how each ended, in words. */
const sendAll = (...bodies: string[]) =>
  bodies.map((body) => send(body).then(({ status, text }) => `${status} ${text}`, toWords));
const toWords = (error: NeighbourError) => `${error.isDuplicate ? 'duplicate' : 'first'}: ${error.message}`;
const announcing = { headers: { [groupHeader.toLowerCase()]: '32' } };
const line = (index: number, text: string, status = 200) =>
  writeEntryAnswer({ index, answer: { status, headers: { 'x-any': 'a' }, text } } satisfies EntryAnswer);

/** The neighbour has said that it takes groups. */
async function announce(to = url): Promise<void> {
  const first = send('{}', { url: to });
  await turn();
  sent.pop()?.end(announcing);
  await first;
}

describe('documents of one turn', () => {
  it('go one by one to an address that has announced nothing', async () => {
    sendAll('a', 'b');
    await turn();
    expect(sent.map(({ body }) => body)).toEqual(['a', 'b']);
  });

  it('travel together to one that has, proven as a whole and each with its headers', async () => {
    await announce();
    sendAll('a', 'b');
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toHaveLength(1);
    const [{ headers = {}, body = '', url: to } = {}] = sent;
    expect([to, headers['Content-Type']]).toEqual([url, groupType]);
    const claim = { parent: '', part: 'group', count: '1', retrying: '', digest: toDigest(body) };
    expect(headers['Chain-Proof']).toBe(proveClaim(keys.signing(), claim));
    expect(parseGroup(body)).toEqual([
      { headers: { 'x-any': 'a' }, body: 'a' },
      { headers: { 'x-any': 'b' }, body: 'b' },
    ]);
  });

  it('travel together only to the same address and for the same release', async () => {
    const other = 'http://other/create?count=1';
    await announce();
    await announce(other);
    for (const given of [{}, {}, { groupKey: 'red' }, { groupKey: 'red' }, { url: other }]) send('x', given);
    await turn();
    expect(sent.map(({ url: to, headers }) => [to, headers['X-Release'], headers['Content-Type']])).toEqual([
      [url, undefined, groupType],
      [url, 'red', groupType],
      [other, undefined, undefined],
    ]);
  });

  it('wait for no groupKey: a lone one goes as it is, and so does what wants to be alone', async () => {
    await announce();
    send('lone');
    send('a probe', { groupKey: undefined });
    expect(sent.map(({ body }) => body)).toEqual(['a probe']);
    await turn();
    expect(sent.map(({ body }) => body)).toEqual(['a probe', 'lone']);
  });

  it('are bounded by their number and the size of their bodies', async () => {
    await announce();
    for (let count = 0; count <= maxEntries; count += 1) send('x');
    await turn();
    expect(sent.map(({ body = '' }) => parseGroup(body)?.length)).toEqual([maxEntries, undefined]);
    sent.length = 0;
    for (const length of [maxBodiesBytes - 1, 1, 1]) send('x'.repeat(length));
    await turn();
    expect(sent.map(({ body = '' }) => parseGroup(body)?.length)).toEqual([2, undefined]);
  });
});

describe('an answer', () => {
  beforeEach(() => announce());

  it('is given as soon as it is there, in whatever pieces it comes', async () => {
    const ends = sendAll('a', 'b');
    await turn();
    const text = line(1, 'ä', 202);
    const bytes = Buffer.from(text);
    sent[0]?.onBytes?.(bytes.subarray(0, bytes.length - 5));
    sent[0]?.onBytes?.(bytes.subarray(bytes.length - 5));
    expect(await ends[1]).toBe('202 ä');
    sent[0]?.piece(line(0, 'late'));
    expect(await ends[0]).toBe('200 late');
  });

  it('that says that a connection was cut concerns its document alone, and counts', async () => {
    const ends = sendAll('a', 'b');
    await turn();
    sent[0]?.piece(`${writeEntryAnswer({ index: 0, answer: undefined })}${line(1, 'fine')}`);
    expect(await Promise.all(ends)).toEqual([
      'first: The connection was reset before the answer was whole.',
      '200 fine',
    ]);
  });
});

describe('an attempt in a group', () => {
  beforeEach(() => announce());

  it('has a time of its own, which ends no other', async () => {
    const short = send('a', { timeoutMs: 30 });
    const long = send('b', { timeoutMs: 60 });
    await turn();
    const ended = expect(short).rejects.toThrow(new AttemptTimeoutError('No answer within 30 ms.'));
    vi.advanceTimersByTime(30);
    await ended;
    expect(sent[0]?.signal?.aborted).toBe(false);
    sent[0]?.piece(line(1, 'fine'));
    expect((await long).text).toBe('fine');
  });

  it('ends with its signal, which ends no other', async () => {
    const controller = new AbortController();
    const left = send('a', { signal: controller.signal });
    const stays = send('b');
    await turn();
    controller.abort();
    await expect(left).rejects.toThrow('No usable answer came: canceled.');
    sent[0]?.piece(line(1, 'fine'));
    expect((await stays).text).toBe('fine');
  });

  it('is the last one to wait: then the message is given up', async () => {
    const ends = sendAll('a', 'b');
    await turn();
    vi.advanceTimersByTime(100);
    expect(await Promise.all(ends)).toEqual(Array(2).fill('first: No answer within 100 ms.'));
    expect(sent[0]?.signal?.aborted).toBe(true);
  });
});

describe('a message that breaks', () => {
  beforeEach(() => announce());

  it.each([
    ['its connection', ({ fail }: Sent) => fail(new NeighbourError('neighbour-unreachable', 'Reset.'))],
    ['its last line', ({ end }: Sent) => end()],
    ['a line', ({ piece, end }: Sent) => [piece('no line\n'), end()]],
    ['a proxy that answers 502', ({ end }: Sent) => end({ status: 502, headers: {} })],
  ])('for %s fails what has no answer, which counts once', async (_what, breaks) => {
    const ends = sendAll('a', 'b', 'c');
    await turn();
    sent[0]?.piece(line(1, 'fine'));
    breaks(sent[0] as Sent);
    const [first, second, third] = await Promise.all(ends);
    expect(second).toBe('200 fine');
    expect(first).toMatch(/^first: (Reset|The connection was closed|It answered 502)/);
    expect(third).toBe(first?.replace('first', 'duplicate'));
  });
});

describe('a neighbour that takes no groups any more', () => {
  it.each([404, 415])('and says %i gets its documents one by one, for a minute', async (status) => {
    await announce();
    const ends = sendAll('a', 'b');
    await turn();
    sent.pop()?.end({ status, headers: {} });
    await turn();
    expect(sent.map(({ body }) => body)).toEqual(['a', 'b']);
    for (const { end, body = '' } of sent.splice(0)) end({ ...announcing, text: body });
    expect(await Promise.all(ends)).toEqual(['200 a', '200 b']);
    now = 59_999;
    sendAll('c', 'd');
    await turn();
    expect(sent.splice(0).map(({ body }) => body)).toEqual(['c', 'd']);
    now = 60_000;
    sendAll('e', 'f');
    await turn();
    expect(sent.map(({ headers }) => headers['Content-Type'])).toEqual([groupType]);
  });

  it.each([
    [502, 'text/html', 'of a proxy gets them one by one', 2],
    [503, 'text/html', 'of a proxy that wants fewer messages does not', 1],
    [500, 'application/problem+json', 'of its own does not', 1],
  ])('and lets a group fail with %i %s %s', async (status, type, _what, messages) => {
    await announce();
    const ends = sendAll('a', 'b');
    await turn();
    sent.pop()?.end({ status, headers: { 'content-type': type } });
    await Promise.all(ends);
    sendAll('c', 'd');
    await turn();
    expect(sent).toHaveLength(messages);
  });

  it('and says so late gets them for the rest of their time', async () => {
    await announce();
    sendAll('a');
    send('b', { timeoutMs: 60 }).catch(() => undefined);
    await turn();
    now = 50.4;
    sent.pop()?.end({ status: 415, headers: {} });
    await turn();
    expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([50, 10]);
  });

  it('and says so by saying nothing gets them one by one', async () => {
    await announce();
    send('lone');
    await turn();
    sent.splice(0)[0]?.end({ headers: { 'chain-proof': 'of an older one' } });
    await turn();
    sendAll('a', 'b');
    await turn();
    expect(sent.map(({ body }) => body)).toEqual(['a', 'b']);
  });

  it('does not say so by refusing for want of room', async () => {
    await announce();
    send('lone');
    await turn();
    sent.splice(0)[0]?.end({ status: 503, headers: {} });
    await turn();
    sendAll('a', 'b');
    await turn();
    expect(sent).toHaveLength(1);
  });
});
