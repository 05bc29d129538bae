/** What the real lab does when it is asked: pages, changes that it passes on, orders, traffic, reset. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { contentPolicy } from '../../server/app.ts';
import type { LabStatus } from '../../server/wire.ts';
import { startFakeService } from '../support/fake-service.ts';
import { createPageFolder, startLab, type TestLab } from '../support/labs.ts';
import { aBreaker, aSnapshot, aStatus } from '../support/reports.ts';

const away = 'http://127.0.0.1:1';

describe('the page', () => {
  it('is bundled at the start and served with a policy that lets in nothing else', async () => {
    const lab = await startLab([['order', away]]);
    for (const [path, type, content] of [
      ['/', 'text/html; charset=utf-8', '<!doctype html><title>Lab</title>'],
      ['/assets/main.js', 'text/javascript; charset=utf-8', 'document.title="lab";\n'],
      ['/assets/main.css', 'text/css; charset=utf-8', 'p{margin:0}\n'],
    ] as const) {
      const answer = await lab.ask('GET', path);
      expect([answer.status, await answer.text()]).toEqual([200, content]);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': type,
        'content-security-policy': contentPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      });
      const again = await lab.ask('GET', path, {
        headers: { 'If-None-Match': answer.headers.get('etag') ?? '' },
      });
      expect(again.status).toBe(304);
    }
    expect((await lab.ask('GET', '/readyz')).status).toBe(200);
  });

  it('allows no inline script or style, no other host, and no frame', () => {
    expect(contentPolicy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('that cannot be bundled is said in one sentence, in the log and to who asks; all else works', async () => {
    const lab = await startLab([['order', away]], { folder: createPageFolder('const = 1;') });
    const answer = await lab.ask('GET', '/');
    const sentence = /^The page cannot be made: main\.ts:1: Expected identifier but found "="$/;
    expect([answer.status, (await answer.text()).trim()]).toEqual([500, expect.stringMatching(sentence)]);
    expect(lab.logged.map((line) => JSON.parse(line).msg)).toContainEqual(expect.stringMatching(sentence));
    expect((await lab.ask('GET', '/api/status')).status).toBe(200);
  });

  it('has no other files', async () => {
    const lab = await startLab([['order', away]]);
    for (const path of ['/assets/main.ts', '/assets/..%2f..%2fpackage.json', '/main.ts'])
      expect((await lab.ask('GET', path)).status).toBe(404);
  });
});

describe('a change', () => {
  it('goes to the service as it came, with the token, and its answer comes back as it is', async () => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]], { env: { LAB_TOKEN: 'a-long-secret' } });
    order.behave({
      status: 422,
      headers: { 'Content-Type': 'application/problem+json', 'X-Other': 'no' },
      body: '{"detail":"too long"}',
    });
    const path = `/api/services/order/breakers/${encodeURIComponent('order→payment')}`;
    const answer = await lab.ask('PATCH', path, {
      body: '{ "force": "open" }',
      headers: { Authorization: 'Bearer a-long-secret' },
    });
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-other')]).toEqual([
      422,
      'application/problem+json',
      null,
    ]);
    expect(await answer.text()).toBe('{"detail":"too long"}');
    expect(order.asked).toMatchObject([
      {
        what: 'PATCH /breakers/order%E2%86%92payment',
        body: '{ "force": "open" }',
        headers: { 'content-type': 'application/json', authorization: 'Bearer a-long-secret' },
      },
    ]);
  });

  it.each([
    ['GET', '/breakers', undefined],
    ['GET', '/faults', undefined],
    ['PUT', '/faults/slow', { type: 'latency' }],
    ['DELETE', '/faults/slow', undefined],
    ['DELETE', '/faults', undefined],
  ])('%s %s is known', async (method, path, body) => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]]);
    expect((await lab.ask(method, `/api/services/order${path}`, { body })).status).toBe(200);
    expect(order.asked).toMatchObject([
      { what: `${method} ${path}`, body: body === undefined ? '' : JSON.stringify(body) },
    ]);
  });

  it('goes to every instance, and one that refuses has the last word', async () => {
    const [one, other] = [await startFakeService(), await startFakeService()];
    const lab = await startLab([
      ['payment', one.url],
      ['payment', other.url],
    ]);
    other.behave({ status: 409, body: '{"detail":"no"}' });
    const answer = await lab.ask('DELETE', '/api/services/payment/faults');
    expect([answer.status, one.asked.length, other.asked.length]).toEqual([409, 1, 1]);
  });

  it('goes to the one instance that is asked for, by its address', async () => {
    const [one, other] = [await startFakeService(), await startFakeService()];
    const lab = await startLab([
      ['payment', one.url],
      ['payment', other.url],
    ]);
    const query = `?instance=${encodeURIComponent(new URL(other.url).host)}`;
    for (const [method, path, body] of [
      ['PUT', '/faults/errors', { type: 'error' }],
      ['DELETE', '/faults/errors', undefined],
      ['DELETE', '/faults', undefined],
      ['GET', '/faults', undefined],
      ['PATCH', '/breakers/x', { force: 'open' }],
    ] as const) {
      const answer = await lab.ask(method, `/api/services/payment${path}${query}`, { body });
      expect([method, path, answer.status]).toEqual([method, path, 200]);
    }
    expect([one.asked.length, other.asked.map(({ what }) => what)]).toEqual([
      0,
      ['PUT /faults/errors', 'DELETE /faults/errors', 'DELETE /faults', 'GET /faults', 'PATCH /breakers/x'],
    ]);
  });

  it.each(['127.0.0.1:1', 'evil.example:80', '', '../x', 'ü'.repeat(2000)])(
    'to an instance that the lab does not know (%s) is 404 with those that it knows, and reaches nobody',
    async (instance) => {
      const payment = await startFakeService();
      const lab = await startLab([['payment', payment.url]]);
      const path = `/api/services/payment/faults/errors?instance=${encodeURIComponent(instance)}`;
      const answer = await lab.ask('PUT', path, { body: { type: 'error' } });
      const { detail } = (await answer.json()) as { detail: string };
      const shown = JSON.stringify(instance.slice(0, 50));
      expect([answer.status, detail]).toEqual([
        404,
        `payment has no instance ${shown} that the lab knows; it has ${new URL(payment.url).host}.`,
      ]);
      expect(payment.asked).toEqual([]);
    },
  );

  it('cannot lead out of the path of a service', async () => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]]);
    await lab.ask('DELETE', '/api/services/order/faults/..%3f%23%25x');
    expect(order.asked.map(({ what }) => what)).toEqual(['DELETE /faults/..%3F%23%25x']);
  });

  it.each([
    '%2e',
    '%2e%2e',
    '%2E%2e',
    'a%2Fb',
    '..%2f..%2fcreate',
    'a%5Cb',
    'a%00',
    'a%0d%0aHost:%20x',
    'a%c2%9b',
    'a'.repeat(257),
  ])('of something called %s reaches no service', async (name) => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]]);
    for (const [method, path] of [
      ['PATCH', `/api/services/order/breakers/${name}`],
      ['PUT', `/api/services/order/faults/${name}`],
      ['DELETE', `/api/services/order/faults/${name}`],
      ['GET', `/api/services/order/breakers/${name}`],
      ['GET', `/services/order/docs/${name}`],
    ] as const)
      expect(await askRaw(lab.url, method, path)).toBe(404);
    expect(order.asked).toEqual([]);
  });

  it('for an unknown service is 404, and for one that is away 502', async () => {
    const lab = await startLab([['order', away]]);
    const unknown = await lab.ask('DELETE', '/api/services/toString/faults');
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      expect.objectContaining({ detail: 'The lab has no service "toString"; it has order.', service: 'lab' }),
    ]);
    const gone = await lab.ask('DELETE', '/api/services/order/faults');
    expect([gone.status, gone.headers.get('content-type'), await gone.json()]).toEqual([
      502,
      'application/problem+json',
      expect.objectContaining({
        type: '/problems/neighbour-unreachable',
        detail: 'http://127.0.0.1:1 does not answer: nobody listens there.',
      }),
    ]);
  });
});

describe('whoever may not change anything is refused in plain words', () => {
  const changes = [
    ['PUT', '/api/traffic', { on: true }],
    ['POST', '/api/orders', {}],
    ['POST', '/api/reset', {}],
    ['PATCH', '/api/services/order/breakers/x', {}],
    ['PUT', '/api/services/order/faults/x', {}],
    ['DELETE', '/api/services/order/faults/x', undefined],
    ['DELETE', '/api/services/order/faults', undefined],
  ] as const;

  it.each(changes)('%s %s', async (method, path, body) => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]], { env: { LAB_TOKEN: 'a-long-secret' } });
    const knows = { Authorization: 'Bearer a-long-secret' };
    const refused = async (headers: Record<string, string>, given: unknown = body) => {
      const answer = await lab.ask(method, path, { body: given, headers });
      const { detail } = (await answer.json()) as { detail: string };
      return [answer.status, detail];
    };
    expect(await refused({ ...knows, Origin: 'http://evil.example' })).toEqual([
      403,
      'A page of http://evil.example may not change anything here.',
    ]);
    expect(await refused({ ...knows, Origin: 'null' })).toMatchObject([403, expect.any(String)]);
    const needsToken = 'This control needs the token of LAB_TOKEN, as `Authorization: Bearer …`.';
    expect(await refused({})).toEqual([401, needsToken]);
    expect(await refused({ Authorization: 'Bearer a-long-secreT' })).toEqual([401, needsToken]);
    if (method !== 'DELETE') {
      expect(await refused({ ...knows, 'Content-Type': 'text/plain' })).toMatchObject([
        415,
        expect.any(String),
      ]);
      expect(await refused(knows, JSON.stringify('x'.repeat(10_000)))).toEqual([
        413,
        'The body is larger than 10 kB.',
      ]);
    }
    const status = await lab.ask('GET', '/api/status', { headers: knows });
    expect([order.asked, ((await status.json()) as LabStatus).traffic.on]).toEqual([[], false]);
  });

  it.each([
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['', 403],
    ['localhost:3010', 404],
    ['[::1]:3010', 404],
    ['10.1.2.3', 404],
    ['lab.example', 404],
  ])('Host "%s" is answered %i', async (host, status) => {
    const env: Record<string, string> = host === 'lab.example' ? { LAB_HOSTS: 'other,Lab.example' } : {};
    const lab = await startLab([['order', away]], { env });
    // 404 comes after admission: the service is unknown.
    expect(await askWithHost(`${lab.url}/api/services/none/faults`, host)).toBe(status);
  });

  it('the page itself may', async () => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]], { env: { LAB_TOKEN: 'a-long-secret' } });
    const headers = { Authorization: 'Bearer a-long-secret', Origin: lab.url };
    expect((await lab.ask('DELETE', '/api/services/order/faults', { headers })).status).toBe(200);
    const status = await lab.ask('GET', '/api/status', { headers });
    expect(((await status.json()) as LabStatus).tokenNeeded).toBe(true);
  });

  it('an answer can be read by no other origin, and an unknown method says which are known', async () => {
    const lab = await startLab([['order', away]]);
    const answer = await lab.ask('POST', '/api/traffic', {
      body: {},
      headers: { Origin: 'http://evil.example' },
    });
    expect([
      answer.status,
      answer.headers.get('allow'),
      answer.headers.get('access-control-allow-origin'),
    ]).toEqual([405, 'PUT, OPTIONS', null]);
    expect(answer.headers.get('content-security-policy')).toBe(contentPolicy);
  });
});

describe('a look', () => {
  const looks = [
    '/events',
    '/api/status',
    '/api/history',
    '/api/services/order/breakers',
    '/api/services/order/breakers/x',
    '/api/services/order/faults',
    '/services/order/metrics',
    '/services/order/docs/',
    '/services/order/docs/start.js',
  ];
  const knows = { Authorization: 'Bearer a-long-secret' };
  const env = { LAB_TOKEN: 'a-long-secret' };

  /** The status of a look; a stream is not read to its end. */
  async function look(lab: TestLab, path: string, headers: Record<string, string> = {}) {
    const answer = await lab.ask('GET', path, { headers });
    await answer.body?.cancel();
    return answer.status;
  }

  it.each(looks)('at %s needs the token where there is one, or the cookie that it brings', async (path) => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]], { env });
    const session = await lab.ask('POST', '/api/session', { body: {}, headers: knows });
    const cookie = `${session.headers.get('set-cookie')}`;
    expect([session.status, cookie]).toEqual([
      204,
      expect.stringMatching(/^holdfast-lab=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    const [Cookie = ''] = cookie.split(';');
    expect(await look(lab, path)).toBe(401);
    expect(await look(lab, path, { Cookie: Cookie.slice(0, -1) })).toBe(401);
    expect(await look(lab, path, { Cookie: 'holdfast-lab=a-long-secret' })).toBe(401);
    expect(await look(lab, path, { Cookie, Origin: 'http://evil.example' })).toBe(403);
    expect(await look(lab, path, knows)).toBe(200);
    expect(await look(lab, path, { Cookie: `other=1; ${Cookie}` })).toBe(200);
    // another server on this host name may set one for a longer path, which comes first
    expect(await look(lab, path, { Cookie: `holdfast-lab=planted; ${Cookie}` })).toBe(200);
  });

  it.each(looks)('at %s needs nothing without one', async (path) => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]]);
    expect(await look(lab, path)).toBe(200);
    const session = await lab.ask('POST', '/api/session', { body: {} });
    expect([session.status, session.headers.get('set-cookie')]).toEqual([204, null]);
  });

  it.each(looks)(
    'at %s is for no page whose name was bound to this machine, with a token or without',
    async (path) => {
      const open = await startLab([['order', away]]);
      expect(await askWithHost(`${open.url}${path}`, 'evil.example', 'GET')).toBe(403);
      const closed = await startLab([['order', away]], { env });
      expect(await askWithHost(`${closed.url}${path}`, 'evil.example', 'GET')).toBe(403);
    },
  );

  it('with the cookie changes nothing', async () => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]], { env });
    const session = await lab.ask('POST', '/api/session', { body: {}, headers: knows });
    const [Cookie = ''] = `${session.headers.get('set-cookie')}`.split(';');
    const answer = await lab.ask('DELETE', '/api/services/order/faults', { headers: { Cookie } });
    expect([answer.status, order.asked]).toEqual([401, []]);
    expect((await lab.ask('POST', '/api/session', { body: {}, headers: { Cookie } })).status).toBe(401);
  });

  it('at the bare page needs nothing: it is where the token is given', async () => {
    const lab = await startLab([['order', away]], { env });
    for (const path of ['/', '/assets/main.js', '/livez', '/readyz']) expect(await look(lab, path)).toBe(200);
  });
});

describe('the token', () => {
  it('goes with changes to the places of the settings, and nowhere else', async () => {
    const [order, elsewhere] = [await startFakeService(), await startFakeService()];
    const lab = await startLab([['order', order.url]], { env: { LAB_TOKEN: 'a-long-secret' } });
    const headers = { Authorization: 'Bearer a-long-secret' };
    order.behave({ status: 307, headers: { Location: `${elsewhere.url}/faults` }, body: '{}' });
    const redirected = await lab.ask('DELETE', '/api/services/order/faults', { headers });
    expect([redirected.status, redirected.headers.get('location'), elsewhere.asked]).toEqual([307, null, []]);
    order.behave({ status: 200, body: '{}' });
    await lab.ask('GET', '/services/order/metrics', { headers });
    await lab.ask('POST', '/api/orders', { body: {}, headers });
    expect(
      order.asked.map(({ what, headers: { authorization } }) => [what.split('?')[0], authorization]),
    ).toEqual([
      ['DELETE /faults', 'Bearer a-long-secret'],
      ['GET /metrics', undefined],
      ['POST /create', undefined],
    ]);
    order.behave({});
    const failed = await lab.ask('DELETE', '/api/services/order/faults', { headers });
    expect([failed.status, await failed.text()]).toEqual([502, expect.not.stringContaining('a-long-secret')]);
    expect(lab.logged.join('')).not.toContain('a-long-secret');
  });
});

describe('orders', () => {
  it('one fresh order goes through the front door, and the answer is the customer’s', async () => {
    const order = await startFakeService();
    order.behave({ status: 202, headers: { 'Retry-After': '7' }, body: '{"status":"pending"}' });
    const lab = await startLab([
      ['order', order.url],
      ['payment', away],
    ]);
    const answer = await lab.ask('POST', '/api/orders', { body: {} });
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      202,
      '7',
      { status: 'pending' },
    ]);
    const [sent] = order.asked;
    const id = JSON.parse(sent?.body ?? '').id;
    expect(sent?.what).toBe('POST /create');
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      id: expect.stringMatching(/^lab-\w{8}-1$/),
      items: ['a book'],
      payment: { id: `p-${id}`, amount: 12.5, shipment: { id: `s-${id}`, directions: 'home' } },
    });
    expect((await lab.status()).traffic).toMatchObject({
      sent: 1,
      counts: { pending: 1 },
      recent: [{ id, status: 202 }],
    });
  });

  it('traffic goes on and off, by turns over the instances of the front door', async () => {
    const [one, other] = [await startFakeService(), await startFakeService()];
    const lab = await startLab([
      ['order', one.url],
      ['payment', away],
      ['order', other.url],
    ]);
    const on = await lab.ask('PUT', '/api/traffic', { body: { on: true, ratePerSecond: 200 } });
    expect([on.status, await on.json()]).toEqual([
      200,
      expect.objectContaining({ on: true, ratePerSecond: 200 }),
    ]);
    await until('both got orders', () => one.asked.length > 2 && other.asked.length > 2);
    await lab.ask('PUT', '/api/traffic', { body: { on: false } });
    await until('all are answered', async () => (await lab.status()).traffic.waiting === 0);
    const { traffic } = await lab.status();
    expect(traffic.counts.completed).toBe(traffic.sent);
    expect(new Set(traffic.recent.map(({ id }) => id)).size).toBe(traffic.recent.length);
  });

  it('an order without an answer is counted, and said', async () => {
    const lab = await startLab([['order', away]]);
    expect((await lab.ask('POST', '/api/orders', { body: {} })).status).toBe(502);
    expect((await lab.status()).traffic.counts.unanswered).toBe(1);
  });

  it.each([
    [{}, '/on'],
    [{ on: 'yes' }, '/on'],
    [{ on: true, ratePerSecond: 0 }, '/ratePerSecond'],
    [{ on: true, ratePerSecond: 201 }, '/ratePerSecond'],
    [{ on: true, ratePerSecond: '20' }, '/ratePerSecond'],
    [{ on: true, url: 'http://evil.example' }, '/url'],
    [null, '/on'],
    [[], '/on'],
  ])('the traffic %j is refused at %s', async (body, pointer) => {
    const lab = await startLab([['order', away]]);
    const answer = await lab.ask('PUT', '/api/traffic', { body });
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect([answer.status, errors.map((error) => error.pointer)]).toEqual([422, [pointer]]);
  });
});

describe('a reset', () => {
  it('ends traffic, faults, forces and trials, and brings back the settings that were seen first', async () => {
    const order = await startFakeService();
    const [first, later] = [aBreaker(), aBreaker({ config: { ...aBreaker().config, thresholdRatio: 0.9 } })];
    order.greet('snapshot', aSnapshot(aStatus({ breakers: [first] })));
    const lab = await startLab([['order', order.url]]);
    await until('the lab listens', async () => (await lab.status()).services[0]?.connected);
    order.greet('snapshot', aSnapshot(aStatus({ breakers: [later] })));
    order.hangUp();
    await until('the lab listens again', () => order.listened.length === 2);

    const answer = await lab.ask('POST', '/api/reset', { body: {} });
    expect([answer.status, await answer.json()]).toEqual([200, { reset: ['order'] }]);
    const { attemptTimeoutMs: _, ...settings } = first.config;
    expect(order.asked.map(({ what, body }) => [what, body && JSON.parse(body)])).toEqual([
      ['DELETE /faults', ''],
      ['PATCH /breakers/order%E2%86%92payment', { force: 'closed', settings, shadow: null }],
    ]);
  });

  it('brings back the policy that was changed, before its breakers, and what a restart brought back already not', async () => {
    const order = await startFakeService();
    order.greet('snapshot', aSnapshot(aStatus({ breakers: [aBreaker()] })));
    const lab = await startLab([['order', order.url]]);
    await until('the lab listens', async () => (await lab.status()).services[0]?.connected);
    const changed = (id: string, changes: readonly object[]) => {
      const said = { event: 'policy', service: 'order', instance: 'a', text: 'changed', line: 'changed' };
      order.tell('policy', { ...said, id, name: 'order→payment', at: 1, changed: changes }, id);
    };
    changed('0-1', [
      { setting: 'attempts', from: 2, to: 3 },
      { setting: 'budget.ratio', from: 0.2, to: 0.5 },
    ]);
    changed('0-2', [
      { setting: 'attempts', from: 3, to: 4 },
      { setting: 'budget.minPerSecond', from: 3, to: 9 },
    ]);
    await until('both are told', async () => {
      const { entries } = (await (await lab.ask('GET', '/api/history')).json()) as {
        entries: { event: string }[];
      };
      return entries.filter(({ event }) => event === 'policy').length === 2;
    });
    await lab.ask('POST', '/api/reset', { body: {} });
    expect(order.asked.map(({ what, body }) => [what, body && JSON.parse(body)])).toEqual([
      ['DELETE /faults', ''],
      ['PATCH /policy', { policy: { attempts: 2, budget: { ratio: 0.2, minPerSecond: 3 } } }],
      ['PATCH /breakers/order%E2%86%92payment', expect.anything()],
    ]);

    const listened = order.listened.length;
    order.greet('snapshot', aSnapshot(aStatus({ breakers: [aBreaker()], startedAt: 99 })));
    order.hangUp();
    await until('the lab listens again', () => order.listened.length > listened);
    await until(
      'the lab has heard it',
      async () => (await lab.status()).services[0]?.status?.startedAt === 99,
    );
    await lab.ask('POST', '/api/reset', { body: {} });
    expect(order.asked.filter(({ what }) => what === 'PATCH /policy')).toHaveLength(1);
  });

  it('does what it can, and names what is away', async () => {
    const order = await startFakeService();
    const lab = await startLab([
      ['order', order.url],
      ['payment', away],
    ]);
    const answer = await lab.ask('POST', '/api/reset', { body: {} });
    expect([answer.status, await answer.json(), order.asked.length]).toEqual([
      502,
      expect.objectContaining({
        detail: 'payment is not reset: http://127.0.0.1:1 does not answer: nobody listens there.',
      }),
      1,
    ]);
  });
});

describe('what a service shows', () => {
  it.each(['metrics', 'openapi.json', 'breakers', 'readyz', 'version'])(
    '%s can be read through the lab',
    async (page) => {
      const order = await startFakeService();
      order.behave({
        status: 200,
        headers: { 'Content-Type': 'text/plain', 'Set-Cookie': 'a=b' },
        body: 'hello',
      });
      const lab = await startLab([['order', order.url]]);
      const answer = await lab.ask('GET', `/services/order/${page}`);
      expect([answer.status, await answer.text(), answer.headers.get('set-cookie')]).toEqual([
        200,
        'hello',
        null,
      ]);
      expect(order.asked.map(({ what }) => what)).toEqual([`GET /${page}`]);
    },
  );

  it('is data, whatever a service says of it', async () => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]]);
    for (const type of ['text/html', 'text/javascript', 'image/svg+xml', 'application/json/html']) {
      order.behave({
        status: 200,
        headers: { 'Content-Type': type, 'Content-Security-Policy': "script-src 'unsafe-inline'" },
        body: '<script>alert(1)</script>',
      });
      const { headers } = await lab.ask('GET', '/services/order/metrics');
      expect([headers.get('content-type'), headers.get('content-security-policy')]).toEqual([
        'application/octet-stream',
        contentPolicy,
      ]);
    }
  });

  it('has a page of the lab to try its API, also while the service is away', async () => {
    const lab = await startLab([['order', away]]);
    const moved = await lab.ask('GET', '/services/order/docs');
    expect([moved.status, moved.headers.get('location')]).toEqual([308, 'docs/']);
    const page = await lab.ask('GET', '/services/order/docs/');
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('swagger-ui-bundle.js')]);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self'/);
  });

  it.each([
    '/services/order/orders',
    '/services/order/faults',
    '/services/order/metrics/x',
    '/services/none/metrics',
  ])('%s is not among it', async (path) => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]]);
    expect([(await lab.ask('GET', path)).status, order.asked]).toEqual([404, []]);
  });

  it('is only for reading', async () => {
    const lab = await startLab([['order', away]]);
    expect((await lab.ask('POST', '/services/order/breakers', { body: {} })).status).toBe(405);
  });
});

/** Clients tidy a path before they send it; a socket does not. Answers the status. */
function askRaw(url: string, method: string, path: string): Promise<number> {
  const { hostname, port, host } = new URL(url);
  const body = method === 'GET' || method === 'DELETE' ? '' : '{}';
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once('error', reject);
    socket.once('data', (answer) => {
      resolve(Number(answer.toString().split(' ')[1]));
      socket.destroy();
    });
    socket.write(`${head}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  });
}

/** Clients fill in a `Host` of their own; a socket does not. */
function askWithHost(url: string, host: string, method = 'DELETE'): Promise<number> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once('error', reject);
    socket.once('data', (answer) => {
      resolve(Number(answer.toString().split(' ')[1]));
      socket.destroy();
    });
    socket.write(`${method} ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  });
}
