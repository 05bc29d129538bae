/** One bad document, or one impatient client, is not a sick neighbour: what counts against it, and what does not. */
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import {
  answer,
  completes,
  type Manner,
  type Received,
  resets,
  startNeighbour,
  useNeighbour,
} from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();

const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    BREAKER_MIN_CALLS: '4',
    BREAKER_OPEN_MS: '60000',
    ...env,
  });
const send = (hop: RunningHop, id: string, headers: Record<string, string> = {}) =>
  request(hop.url)
    .post('/create')
    .set({ 'X-Request-Id': `client-${id}`, ...headers })
    .send(createDocument(id));
const breakerOf = async (hop: RunningHop) => (await request(hop.url).get('/breakers')).body.breakers[0];
const read = async (hop: RunningHop, id: string) => (await request(hop.url).get(`/fronts/${id}`)).body;
/** A neighbour that has this manner to the parts of bad documents, and completes all others. */
const onlyBad =
  (manner: Manner): Manner =>
  (call, ...rest) =>
    (call.body.id.startsWith('m-bad') ? manner : completes)(call, ...rest);
const sendTen = async (hop: RunningHop, headers: Record<string, string> = {}) => {
  for (let n = 0; n < 10; n += 1) await send(hop, `bad-${n}`, headers);
};
const ours = (code: string, status: number) => ({
  type: `/problems/${code}`,
  title: code,
  status,
  detail: 'In its own words.',
  saved: false,
});
const soon = { 'Retry-After': '1' };

describe('ten documents that the next hop answers at once leave the breaker closed, and a good one passes, with', () => {
  it.each<[string, Manner]>([
    ['301', answer(301, '', { Location: 'http://127.0.0.1:1/' })],
    ['400', answer(400, ours('unreadable', 400))],
    ['401', answer(401, 'no')],
    ['403', answer(403, '<html>blocked</html>')],
    ['404', answer(404, '<html>nothing</html>')],
    ['405', answer(405, '')],
    ['407', answer(407, '')],
    ['409', answer(409, 'busy')],
    ['411', answer(411, '')],
    ['413', answer(413, ours('too-large', 413))],
    ['414', answer(414, '')],
    ['415', answer(415, ours('unsupported-media-type', 415))],
    ['421', answer(421, ours('misdirected', 421))],
    ['422 that is not final', answer(422, { error: 'no' })],
    ['429', answer(429, 'slow down', soon)],
    ['431', answer(431, '')],
    ['503 overloaded', answer(503, ours('overloaded', 503), soon)],
    ['503 starting', answer(503, ours('starting', 503), soon)],
    ['503 stopping', answer(503, ours('stopping', 503), soon)],
    ['508', answer(508, ours('loop', 508))],
  ])('%s', async (_what, manner) => {
    const hop = await start();
    neighbour.behave(onlyBad(manner));
    await sendTen(hop);
    expect((await send(hop, 'good')).status).toBe(200);
    expect(await breakerOf(hop)).toMatchObject({ state: 'closed', window: { failures: 0 } });
    // Each was forwarded once while its client waited: once more could not help.
    const asked = neighbour.received.flatMap(({ headers }) => headers['x-request-id'] ?? []);
    const inline = asked.filter((id) => `${id}`.startsWith('client-'));
    expect(inline).toHaveLength(11);
    expect(await read(hop, 'bad-0')).toMatchObject({ status: 'pending' });
  });
});

describe('ten documents open the breaker when the next hop', () => {
  it.each<[string, Manner, string]>([
    ['answers 408', answer(408, ''), 'neighbour-failed'],
    ['answers 500', answer(500, ours('internal', 500)), 'neighbour-failed'],
    ['answers 502', answer(502, '<html>bad gateway</html>'), 'neighbour-failed'],
    ['answers 503 of a stranger', answer(503, '<html>nobody</html>', soon), 'neighbour-failed'],
    ['has no database', answer(503, ours('store-unavailable', 503), soon), 'neighbour-failed'],
    ['answers 504 of a stranger', answer(504, 'gateway'), 'neighbour-failed'],
    [
      'had its fair share of time and no time left',
      answer(504, ours('deadline-exceeded', 504)),
      'attempt-timeout',
    ],
    ['answers 200 with a page', answer(200, '<html>hello</html>'), 'neighbour-failed'],
    ['cuts the connection', resets, 'neighbour-unreachable'],
  ])('%s', async (_what, manner, code) => {
    const hop = await start();
    neighbour.behave(onlyBad(manner));
    await sendTen(hop);
    expect(await breakerOf(hop)).toMatchObject({ openedBecause: { lastError: { code } } });
  });
});

describe('an impatient client', () => {
  it('does not open the breaker with documents for which the next hop is left no time', async () => {
    const middle = await hops.start(frontKind, 'vault');
    const hop = await start({ CHAIN_SVC: `${middle.url}/create` });
    const tooShort = { 'Request-Timeout-Ms': '34' };
    for (let n = 0; n < 12; n += 1) await send(hop, `bad-${n}`, tooShort);
    expect(await breakerOf(hop)).toMatchObject({ state: 'closed', window: { failures: 0 } });
  });

  it('does not open it either when the next hop says so itself', async () => {
    const hop = await start();
    const tooLate = answer(504, ours('deadline-exceeded', 504));
    const isShort = (headers: Received['headers']) => Number(headers['request-timeout-ms']) < 700;
    neighbour.behave((call, ...rest) => (isShort(call.headers) ? tooLate : completes)(call, ...rest));
    await sendTen(hop, { 'Request-Timeout-Ms': '500' });
    expect(await breakerOf(hop)).toMatchObject({ state: 'closed', window: { failures: 0 } });
    expect((await send(hop, 'good')).status).toBe(200);
  });
});

describe('one of two instances', () => {
  it.each<[string, Manner]>([
    ['is a stranger', answer(404, '<html>nothing</html>')],
    ['belongs to another service', answer(421, ours('misdirected', 421))],
    ['is starting', answer(503, ours('starting', 503), { 'Retry-After': '60' })],
    ['is about to end', answer(503, ours('stopping', 503), { 'Retry-After': '60' })],
  ])('that %s costs no document anything, and no breaker opens', async (_what, manner) => {
    const other = await startNeighbour();
    other.behave(manner);
    const hop = await start({ CHAIN_SVC: `${other.url},${neighbour.url}` });
    for (let n = 0; n < 20; n += 1) expect((await send(hop, `good-${n}`)).status).toBe(200);
    expect((await request(hop.url).get('/breakers')).body.breakers).toMatchObject([
      { state: 'closed' },
      { state: 'closed' },
    ]);
    expect(other.received.length).toBeGreaterThan(0);
    expect(other.received.length).toBeLessThan(5);
    await other.stop();
  });
});

describe('a reader', () => {
  it.each<[string, Manner]>([
    ['431', answer(431, '')],
    ['404 of a stranger', answer(404, '<html></html>')],
    ['504 for want of time', answer(504, ours('deadline-exceeded', 504))],
  ])('does not open the breaker with readings that are answered %s', async (_what, manner) => {
    const hop = await start();
    expect((await send(hop, 'read')).status).toBe(200);
    neighbour.behave(manner);
    for (let n = 0; n < 10; n += 1) {
      const { body } = await request(hop.url)
        .get('/fronts/read?expand=middle')
        .set('Request-Timeout-Ms', '100');
      expect(body.degraded).toBe(true);
    }
    neighbour.behave(completes);
    expect(await breakerOf(hop)).toMatchObject({ state: 'closed', window: { failures: 0 } });
    expect((await send(hop, 'good')).status).toBe(200);
  });
});
