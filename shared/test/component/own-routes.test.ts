/** Routes, middleware and neighbours of one's own: what they inherit from their service, over real HTTP. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Router } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { OwnCode } from '../../src/app/run-hop.ts';
import { HttpError, RequestError } from '../../src/core/errors.ts';
import { id, type Resource } from '../../src/core/resource.ts';
import { until } from '../../src/core/until.ts';
import { describeRoute } from '../../src/http/own-routes.ts';
import { parseExposition } from '../../src/observability/exposition.ts';
import { type TestHop, useHops } from '../support/hops.ts';
import { listen } from '../support/listen.ts';
import { createCheck, type OpenApi } from '../support/openapi.ts';

const letter: Resource = {
  singular: 'letter',
  plural: 'letters',
  schema: z.looseObject({ id }),
  example: { id: 'l-1' },
  child: { pointer: '', of: (body) => body },
  refusedState: 'cancelled',
};

const hops = useHops('file');
let asked: { url: string; headers: IncomingHttpHeaders }[] = [];
let isWell = true;
let held: (() => void)[] = [];
let begun = 0;
let hop: TestHop;

const rates = createServer((request, response) => {
  asked.push({ url: request.url ?? '', headers: request.headers });
  response.statusCode = request.url === '/v1/none' ? 404 : isWell ? 200 : 500;
  response.end(isWell ? '{"eur":2}' : 'secret of rates');
});

const stamps = Router();
stamps.get(
  '/:id/stamp',
  describeRoute({ summary: 'The stamp of a letter', answers: { 200: z.object({ id }) } }),
);
stamps.get('/:id/stamp', async ({ holdfast, params }, response) => {
  const kept = await holdfast.find(params.id);
  if (kept === undefined) throw new RequestError('not-found', `There is no letter "${params.id}".`);
  response.json({ id: kept.id });
});

const things = Router();
things.get('/log', ({ holdfast }, response) => {
  holdfast.log.info('said by a route');
  response.json({ route: holdfast.route, leftMs: holdfast.deadline.leftMs() });
});
things.get('/rate', async ({ holdfast }, response) => {
  const answer = await holdfast.call('rates', { path: '/eur' });
  response.json({ status: answer.status, said: JSON.parse(answer.text) });
});
things.get('/none', async ({ holdfast }, response) => {
  response.json({ status: (await holdfast.call('rates', { path: '/none' })).status });
});
things.get(
  '/elsewhere',
  async ({ holdfast }) => void (await holdfast.call('rates', { path: '.example.com/' })),
);
things.get('/at', async ({ holdfast, query }, response) => {
  response.json({ status: (await holdfast.call('rates', { path: `${query.path}` })).status });
});
things.get('/nobody', async ({ holdfast }) => void (await holdfast.call('nobody')));
things.get('/mine', () => {
  throw new HttpError(409, 'It is not ready yet.');
});
things.get('/status', () => {
  throw Object.assign(new Error('It is gone.'), { status: 410, expose: true });
});
things.get('/defect', async () => {
  throw new Error('the password is hunter2');
});
things.get('/hangs', () => undefined);
things.get('/late', (_request, response) => {
  held.push(() => response.status(200).json({ late: true }));
});
things.post(
  '/',
  describeRoute({
    summary: 'Makes a thing',
    body: z.object({ name: z.string() }),
    answers: { 201: z.object({ name: z.string() }) },
  }),
  ({ body }, response) => void response.status(201).json(body),
);
things.post('/held', (_request, response) => {
  begun += 1;
  held.push(() => response.json({}));
});
things.post('/broken', () => {
  throw new Error('half done');
});
things.put('/bare', (_request, response) => void response.status(204).end());

const own: OwnCode = { routes: { '/letters': stamps, '/things': things } };
const start = (more: OwnCode = {}, env: Record<string, string> = {}) =>
  hops.start(
    letter,
    'letter',
    { BREAKER_MIN_CALLS: '3', RETRY_ATTEMPTS: '1', ...env },
    { own: { ...own, ...more } },
  );

beforeAll(async () => {
  rates.listen(0, '127.0.0.1');
  await once(rates, 'listening');
  hop = await start({ neighbours: { rates: `${urlOf(rates)}/v1` } });
});
beforeEach(() => {
  asked = [];
  isWell = true;
  held = [];
  begun = 0;
});
afterAll(() => void rates.close());

describe('a route of one’s own', () => {
  it('finds the documents of its service, beside the routes that every service has', async () => {
    await request(hop.url).post('/create').send({ id: 'a' }).expect(200);
    expect((await request(hop.url).get('/letters/a/stamp')).body).toEqual({ id: 'a' });
    expect((await request(hop.url).get('/letters/a')).body).toMatchObject({ id: 'a', status: 'completed' });
    expect((await request(hop.url).get('/letters/none/stamp')).body).toMatchObject({
      type: '/problems/not-found',
      detail: 'There is no letter "none".',
    });
  });

  it('answers under the id of its request, and logs under it and the trace', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await request(hop.url)
      .get('/things/log')
      .set({ 'X-Request-Id': 'one-of-mine', traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    expect(answer.headers['x-request-id']).toBe('one-of-mine');
    expect(answer.body.route).toBe('/things/log');
    const line = hops.logged.find(({ msg }) => msg === 'said by a route');
    expect(line).toMatchObject({ requestId: 'one-of-mine', traceId, service: 'letter' });
  });

  it('knows how long its caller waits', async () => {
    const answer = await request(hop.url).get('/things/log').set('Request-Timeout-Ms', '700');
    expect(answer.body.leftMs).toBeGreaterThan(20);
    expect(answer.body.leftMs).toBeLessThanOrEqual(700);
    expect((await request(hop.url).get('/things/log').set('Request-Timeout-Ms', 'soon')).status).toBe(400);
  });

  it('that has not answered in time is answered 504', async () => {
    const answer = await request(hop.url).get('/things/hangs').set('Request-Timeout-Ms', '100');
    expect([answer.status, answer.body]).toMatchObject([
      504,
      { type: '/problems/deadline-exceeded', saved: false, requestId: answer.headers['x-request-id'] },
    ]);
  });

  it('is answered 504 also when many are late together', async () => {
    const patient = await start({}, { REQUEST_TIMEOUT_MS: '1000' });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => request(patient.url).post('/things/held').timeout(5000)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(504));
  });

  it('may answer after its time without harm', async () => {
    await request(hop.url).get('/things/late').set('Request-Timeout-Ms', '100').expect(504);
    expect(held).toHaveLength(1);
    for (const end of held) end();
    await request(hop.url).get('/livez').expect(200);
  });

  it('refuses with a status and words of its own', async () => {
    const answer = await request(hop.url).get('/things/mine');
    expect([answer.status, answer.headers['content-type'], answer.body]).toMatchObject([
      409,
      'application/problem+json',
      {
        type: '/problems/route-error',
        status: 409,
        detail: 'It is not ready yet.',
        requestId: expect.any(String),
      },
    ]);
    expect((await request(hop.url).get('/things/status')).body).toMatchObject({
      status: 410,
      detail: 'It is gone.',
    });
  });

  it('keeps its defects out of the answer, and in the log', async () => {
    const answer = await request(hop.url).get('/things/defect');
    expect([answer.status, answer.body]).toMatchObject([500, { type: '/problems/internal', saved: false }]);
    expect(answer.text).not.toContain('hunter2');
    const line = hops.logged.find(({ requestId }) => requestId === answer.headers['x-request-id']);
    expect(line).toMatchObject({ level: 'error', err: { message: 'the password is hunter2' } });
  });

  it('that fails in a change is answered with saved null: what it had done is unknown', async () => {
    expect((await request(hop.url).post('/things/broken')).body).toMatchObject({ status: 500, saved: null });
  });

  it('gets a body that was checked, and none that is no JSON', async () => {
    const post = request(hop.url).post('/things');
    expect((await post.send({ name: 'n', more: 1 })).body).toEqual({ name: 'n' });
    const bad = await request(hop.url).post('/things').send({ name: 1 });
    expect([bad.status, bad.body]).toMatchObject([422, { errors: [{ pointer: '/name' }] }]);
    const text = request(hop.url).post('/things').set('Content-Type', 'text/plain');
    expect((await text.send('hello')).status).toBe(415);
    await request(hop.url).put('/things/bare').expect(204);
  });

  it('is changed by no page of another origin, unless CORS_ORIGINS names it', async () => {
    const open = await start({}, { CORS_ORIGINS: 'http://friend.example' });
    const from = (origin: string) => request(open.url).post('/things/broken').set('Origin', origin);
    expect((await from('http://foe.example')).body).toMatchObject({
      type: '/problems/forbidden',
      saved: false,
    });
    expect((await from('http://friend.example')).status).toBe(500);
    expect((await from(open.url)).status).toBe(500);
  });

  it('answers other methods 405 and names those that it knows', async () => {
    const answer = await request(hop.url).delete('/things/log');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    await request(hop.url).get('/things/other').expect(404);
  });

  it('is measured under its pattern, whatever was asked for', async () => {
    for (const name of ['x', 'y', 'z']) await request(hop.url).get(`/letters/${name}/stamp`);
    const { samples } = parseExposition((await request(hop.url).get('/metrics')).text);
    const routes = new Set(samples.map(({ labels }) => labels.route));
    expect(routes).toContain('/letters/:id/stamp');
    expect([...routes].filter((route) => /[xyz]\/stamp/.test(`${route}`))).toEqual([]);
  });
});

describe('openapi.json', () => {
  it('describes each of them, with what it says of itself or what is known', async () => {
    const document = (await request(hop.url).get('/openapi.json')).body as OpenApi;
    expect(await new Validator().validate({ ...document })).toMatchObject({ valid: true });
    const { paths } = document;
    expect(paths['/letters/{id}/stamp']?.get).toMatchObject({
      summary: 'The stamp of a letter',
      tags: ['own'],
    });
    expect(paths['/things']?.post).toMatchObject({
      operationId: 'postThings',
      requestBody: { required: true },
    });
    expect(paths['/things/log']?.get).toMatchObject({ summary: 'GET /things/log' });
  });

  it('promises what comes', async () => {
    const check = createCheck((await request(hop.url).get('/openapi.json')).body as OpenApi);
    const faults = async (method: string, path: string, body?: object) => {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = { 'Content-Type': 'application/json' };
      const response = await fetch(`${hop.url}${path}`, { method, headers, ...init });
      const { status } = response;
      return check.answer(method, path, { status, headers: response.headers, body: await response.text() });
    };
    await request(hop.url).post('/create').send({ id: 'b' }).expect(200);
    expect(await faults('GET', '/letters/b/stamp')).toEqual([]);
    expect(await faults('GET', '/letters/none/stamp')).toEqual([]);
    expect(await faults('POST', '/things', { name: 'n' })).toEqual([]);
    expect(await faults('POST', '/things', {})).toEqual([]);
    expect(await faults('GET', '/things/defect')).toEqual([]);
    expect(await faults('GET', '/things/mine')).toEqual([]);
    expect(await faults('PATCH', '/things/mine')).toEqual([]);
  });
});

describe('a neighbour of one’s own', () => {
  it('is called with the id of the request, and its 404 is an answer', async () => {
    const answer = await request(hop.url).get('/things/rate').set('X-Request-Id', 'asks-rates');
    expect(answer.body).toEqual({ status: 200, said: { eur: 2 } });
    expect(asked).toMatchObject([
      { url: '/v1/eur', headers: { 'x-request-id': 'asks-rates', via: '1.1 letter' } },
    ]);
    expect((await request(hop.url).get('/things/none')).body).toEqual({ status: 404 });
  });

  it('has a breaker of its own, that is shown before any call', async () => {
    const other = await start({ neighbours: { rates: urlOf(rates) } });
    expect((await request(other.url).get('/breakers')).body.breakers).toMatchObject([
      { name: 'letter→rates', state: 'closed' },
    ]);
  });

  it('that fails opens the breaker, which the list, the metrics and the live view show', async () => {
    const other = await start({ neighbours: { rates: urlOf(rates) } });
    const stream = await listen(other.url);
    onTestFinished(() => stream.close());
    isWell = false;
    const answers = [];
    for (let sent = 0; sent < 4; sent += 1) answers.push(await request(other.url).get('/things/rate'));
    expect(answers.map(({ status, body }) => [status, body.type])).toEqual([
      [502, '/problems/neighbour-failed'],
      [502, '/problems/neighbour-failed'],
      [502, '/problems/neighbour-failed'],
      [503, '/problems/breaker-open'],
    ]);
    expect(answers.at(-1)?.headers['retry-after']).toBeDefined();
    expect(answers.some(({ text }) => text.includes('secret'))).toBe(false);
    expect(
      (await request(other.url).get('/breakers/letter→rates'.replace('→', '%E2%86%92'))).body.state,
    ).toBe('open');
    const metrics = parseExposition((await request(other.url).get('/metrics')).text);
    expect(metrics.value('breaker_state', { breaker: 'letter→rates', state: 'open' })).toBe(1);
    await stream.waitFor('transition', ({ name, to }) => name === 'letter→rates' && to === 'open');
    expect((await request(other.url).post('/create').send({ id: 'beside' })).status).toBe(200);
  });

  it('must be named at start, and no path leads away from its address', async () => {
    await request(hop.url).get('/things/nobody').expect(500);
    await request(hop.url).get('/things/elsewhere').expect(500);
    expect(asked).toEqual([]);
  });

  it.each([
    '/../admin',
    '/..',
    '/x/../../admin',
    '/../v1/../admin',
    '/%2e%2E/admin',
    '/.%2e\\admin',
    '\\..\\admin',
    '/.\t./admin',
  ])('is not left by what a client put into a path: %j', async (path) => {
    await request(hop.url).get('/things/at').query({ path }).expect(500);
    expect(asked).toEqual([]);
  });

  it.each([
    ['/x/../eur', '/v1/eur'],
    ['?of=/../eur', '/v1?of=/../eur'],
    ['//eur.example/x', '/v1//eur.example/x'],
    ['/..%2feur', '/v1/..%2feur'],
  ])('is asked at %j, which stays behind its address', async (path, url) => {
    await request(hop.url).get('/things/at').query({ path }).expect(200);
    expect(asked.map((one) => one.url)).toEqual([url]);
  });
});

describe('admission', () => {
  it('answers 503 with Retry-After when own changes hold all places, until they end', async () => {
    const small = await start({}, { ADMISSION_MAX: '2' });
    const first = [0, 1].map(() => request(small.url).post('/things/held').then());
    await until('both are in work', () => begun === 2);
    const full = await request(small.url).post('/things/held');
    expect([full.status, full.body.type, full.headers['retry-after']]).toEqual([
      503,
      '/problems/overloaded',
      expect.stringMatching(/^\d+$/),
    ]);
    for (const end of held) end();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    await until(
      'there is room',
      async () => (await request(small.url).post('/create').send({ id: 'c' })).status === 200,
    );
  });

  it('gives no place back to a client that has left before the work has ended', async () => {
    const small = await start({}, { ADMISSION_MAX: '1', REQUEST_TIMEOUT_MS: '60000' });
    const { hostname, port } = new URL(small.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /things/held HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    await until('it is in work', () => begun === 1);
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await request(small.url).post('/things')).status).toBe(503);
    for (const end of held) end();
    await until(
      'there is room',
      async () => (await request(small.url).post('/create').send({ id: 'd' })).status === 200,
    );
  });
});

describe('a hostile route', () => {
  it('hangs, fails and answers late beside a client that notices nothing', async () => {
    const patient = await start({}, { REQUEST_TIMEOUT_MS: '2000' });
    const bad = ['hangs', 'defect', 'late', 'mine'].flatMap((path) =>
      Array.from({ length: 8 }, () =>
        request(patient.url).get(`/things/${path}`).set('Request-Timeout-Ms', '100').then(),
      ),
    );
    const good = Array.from({ length: 20 }, (_, at) =>
      request(patient.url)
        .post('/create')
        .send({ id: `good-${at}` })
        .then(),
    );
    expect(new Set((await Promise.all(good)).map(({ status }) => status))).toEqual(new Set([200]));
    await Promise.all(bad);
    expect((await request(patient.url).get('/readyz')).status).toBe(200);
  });
});

describe('middleware of one’s own', () => {
  it('runs before own routes and creates, and not before what every service has', async () => {
    const seen: string[] = [];
    const guarded = await start({
      middleware: [
        (request, _response, next) => {
          seen.push(`${request.method} ${request.originalUrl} ${request.holdfast.route}`);
          next();
        },
      ],
    });
    await request(guarded.url).post('/create').send({ id: 'm' }).expect(200);
    await request(guarded.url).post('/things').send({ name: 'n' }).expect(201);
    await request(guarded.url).get('/livez').expect(200);
    await request(guarded.url).get('/letters/m').expect(200);
    expect(seen).toEqual(['POST /create /create', 'POST /things /things']);
  });

  it('may refuse a create, of which nothing is kept then', async () => {
    const guarded = await start({
      middleware: [
        ({ headers }, _response, next) => {
          if (headers.authorization === undefined) throw new HttpError(401, 'Who are you?');
          next();
        },
      ],
    });
    const answer = await request(guarded.url).post('/create').send({ id: 'unknown' });
    expect([answer.status, answer.body]).toMatchObject([401, { saved: false, detail: 'Who are you?' }]);
    const known = request(guarded.url).post('/create').set('Authorization', 'me');
    expect((await known.send({ id: 'known' })).status).toBe(200);
    const stored = (await hops.stored('letters')).map(({ _id }) => _id);
    expect(stored).toContain('known');
    expect(stored).not.toContain('unknown');
  });

  it('that goes on after its caller was told 504 begins no create', async () => {
    const late = await start({ middleware: [(_request, _response, next) => void held.push(next)] });
    const create = request(late.url).post('/create').set('Request-Timeout-Ms', '100');
    expect((await create.send({ id: 'late' })).body).toMatchObject({ status: 504, saved: false });
    for (const goOn of held) goOn();
    await request(late.url).get('/letters/late').expect(404);
  });

  it('that hangs or fails breaks no create that is kept: it is answered, and can be repeated', async () => {
    let mood: 'hangs' | 'fails' | 'well' = 'hangs';
    const moody = await start({
      middleware: [
        (_request, _response, next) => {
          if (mood === 'fails') throw new Error('a defect');
          if (mood === 'well') next();
        },
      ],
    });
    const create = () =>
      request(moody.url).post('/create').set('Request-Timeout-Ms', '200').send({ id: 'moody' });
    expect((await create()).body).toMatchObject({ status: 504, saved: false });
    mood = 'fails';
    expect((await create()).body).toMatchObject({ status: 500, saved: false });
    mood = 'well';
    expect((await create()).body).toMatchObject({ id: 'moody', status: 'completed' });
  });
});

describe('what cannot be', () => {
  const route = (path: string) => {
    const router = Router();
    router.get(path, (_request, response) => void response.end());
    return router;
  };
  const nested = Router();
  nested.use('/in', route('/x'));

  it.each([
    [
      '/letters',
      route('/:number'),
      'GET /letters/:number cannot be a route of its own: every service answers /letters/:id itself.',
    ],
    ['/', route('/livez'), 'GET /livez cannot be a route of its own: every service answers /livez itself.'],
    ['/breakers', route('/:a/events'), 'every service answers /breakers/:name/events itself'],
    ['/', route('/*all'), 'cannot be a route of its own'],
    ['/deep', nested, 'The router at /deep has a router in it'],
    ['/pattern', Router().get(/x/, () => undefined), 'The routes at /pattern need paths that are texts'],
  ])('is said when it starts: %s', async (mount, router, message) => {
    await expect(start({ routes: { [mount]: router } })).rejects.toThrow(message);
  });

  it.each([
    [{ 'a b': 'http://127.0.0.1:1' }, 'The neighbour "a b" needs a name'],
    [{ rates: 'nowhere' }, 'The address of the neighbour "rates" must be'],
  ])('is said when it starts: %j', async (neighbours, message) => {
    await expect(start({ neighbours: neighbours as Record<string, string> })).rejects.toThrow(message);
  });
});

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
