/** What openapi.json promises is what comes: every kind of answer of the real app is held against it. */
import { randomUUID } from 'node:crypto';
import { Validator } from '@seriousme/openapi-schema-validator';
import express from 'express';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { type RequestFacts, toHopRequest } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, completes, hangs, type Manner, useNeighbour } from '../support/neighbour.ts';
import { type Check, createCheck, type OpenApi } from '../support/openapi.ts';

// Every path that a service registers goes through `all`, which answers 405 for it; Express copies it into each app.
const registered = vi.spyOn(express.application, 'all');

const neighbour = useNeighbour('file');
const hops = useHops('file');
let hop: RunningHop;
let paths: string[];
let document: OpenApi;
let check: Check;

beforeAll(async () => {
  hop = await hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    LAB: '1',
    ATTEMPT_TIMEOUT_MS: '1500',
    RETRY_ATTEMPTS: '1',
    BREAKER_MIN_CALLS: '1000',
  });
  paths = registered.mock.calls.map(([path]) => `${path}`.replaceAll(/:(\w+)/g, '{$1}'));
  document = (await (await fetch(`${hop.url}/openapi.json`)).json()) as OpenApi;
  check = createCheck(document);
});

/** Sends one request; answers its status, and what openapi.json has against it. */
async function ask(method: string, path: string, init: RequestInit = {}, { url } = hop) {
  const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init, method });
  const { status, headers } = response;
  return { status, faults: check.answer(method, path, { status, headers, body: await response.text() }) };
}

const post = (body: unknown, headers: Record<string, string> = {}, path = '/create', to = hop) =>
  ask(
    'POST',
    path,
    {
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    to,
  );
const postAsHop = (body: object, said: RequestFacts = {}) => {
  const { headers, query } = toHopRequest(JSON.stringify(body), said);
  return post(body, headers, `/create${query}`);
};
const as = (status: number) => ({ status, faults: [] });

describe('openapi.json', () => {
  it('is OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...document });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('has examples that its own schemas allow', () => {
    expect(check.examples()).toEqual([]);
  });

  it('describes the content that the service checks', () => {
    expect(document.components.schemas.Front).toMatchObject({
      type: 'object',
      required: ['id', 'items', 'middle'],
      properties: {
        id: {
          type: 'string',
          allOf: [{ pattern: '^[A-Za-z0-9._:-]{1,64}$' }, { pattern: '^(?!\\.{1,2}$)' }],
        },
        middle: { properties: { amount: { minimum: 0 }, end: { required: ['id', 'text'] } } },
      },
    });
  });
});

describe('the page', () => {
  it('stands at docs/, so that it works behind a prefix too', async () => {
    const { status, headers } = await fetch(`${hop.url}/docs`, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([308, 'docs/']);
  });

  it('takes everything from the service itself and has no script of its own', async () => {
    const response = await fetch(`${hop.url}/docs/`);
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
    );
    const places = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, place]) => place);
    expect(places.filter((place) => /^(\w+:|\/)/.test(place ?? ''))).toEqual([]);
    expect(page.match(/<script(?![^>]* src=)/)).toBeNull();
  });
});

describe('every route is described, and every description is a route', () => {
  it('with LAB=1', async () => {
    expect(Object.keys(document.paths).sort()).toEqual([...paths].sort());
    expect(await toAllowed(hop)).toEqual(toDescribed(document));
  });

  it('without LAB=1, where controls are neither described nor there', async () => {
    const closed = await hops.start(frontKind, 'front', { CHAIN_SVC: neighbour.url, NEXT_NAME: 'middle' });
    const open = toDescribed((await (await fetch(`${closed.url}/openapi.json`)).json()) as OpenApi);
    const allowed = await toAllowed(closed);
    const hidden = Object.entries(allowed).flatMap(([path, methods]) =>
      methods
        .filter((method) => method !== 'OPTIONS' && open[path]?.includes(method) !== true)
        .map((method) => ({ path, method })),
    );
    expect(hidden.map(({ method, path }) => `${method} ${path}`)).toEqual(controls);
    for (const { path, method } of hidden) {
      expect((await fetch(`${closed.url}${path}`, { method })).status).toBe(404);
    }
  });
});

describe('the answers of a create are as described', () => {
  it('200, repeated too', async () => {
    const content = createDocument('described');
    expect(await post(content)).toEqual(as(200));
    expect(await post(content, {}, '/fronts')).toEqual(as(200));
  });

  it.each([
    ['it hangs', hangs],
    ['it fails', answer(500, 'no')],
    ['it is not there', answer(404, 'no')],
  ] satisfies [string, Manner][])('202 when the next hop does not answer: %s', async (_what, manner) => {
    neighbour.behave(manner);
    expect(await post(createDocument())).toEqual(as(202));
    neighbour.behave(completes);
  });

  it('400, 409, 413, 415', async () => {
    expect(await post('{')).toEqual(as(400));
    expect(await post({ ...createDocument('described'), items: ['other'] })).toEqual(as(409));
    expect(await post({ ...createDocument(), note: 'x'.repeat(100_000) })).toEqual(as(413));
    expect(await post('a document, please', { 'Content-Type': 'text/plain' })).toEqual(as(415));
  });

  it('422, invalid or refused by a later hop', async () => {
    expect(await post({})).toEqual(as(422));
    expect(await post(createDocument(), {}, '/create?count=3')).toEqual(as(422));
    neighbour.behave(answer(422, refusal, { 'Content-Type': 'application/problem+json' }));
    const content = createDocument('refused');
    expect(await post(content)).toEqual(as(422));
    expect(await post(content)).toEqual(as(422));
    neighbour.behave(completes);
  });

  it('403 to who speaks for a hop, and the proof for one who is', async () => {
    expect(await post(createDocument(), { 'Chain-Parent': 'x' })).toEqual(as(403));
    expect(await postAsHop(createDocument())).toEqual(as(200));
    expect(await postAsHop({ id: 'wrong' })).toEqual(as(422));
  });

  it('504 and 508', async () => {
    expect(await post(createDocument(), { 'Request-Timeout-Ms': '1' })).toEqual(as(504));
    neighbour.behave(hangs);
    const content = createDocument('circle');
    await postAsHop(content);
    expect(await postAsHop(content, { count: 2, headers: { Via: '1.1 front, 1.1 middle' } })).toEqual(
      as(508),
    );
    neighbour.behave(completes);
  });

  it('502 that was asked for, and kept', async () => {
    const faulty = await hops.start(frontKind, 'front', { INJECT_ERR: '1' });
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => post(createDocument(), {}, '/create', faulty)),
    );
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 502]));
    expect(answers.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('503 without room', async () => {
    const small = await hops.start(frontKind, 'front', {
      CHAIN_SVC: neighbour.url,
      ADMISSION_MAX: '1',
      ATTEMPT_TIMEOUT_MS: '2000',
      RETRY_ATTEMPTS: '1',
    });
    neighbour.behave(hangs);
    const first = post(createDocument('first'), {}, '/create', small);
    await expect.poll(() => neighbour.received.map(({ body }) => body.id)).toContain('m-first');
    expect(await post(createDocument(), {}, '/create', small)).toEqual(as(503));
    expect(await first).toEqual(as(202));
    neighbour.behave(completes);
  });
});

describe('everything else is as described', () => {
  it.each([
    ['GET', '/', 200],
    ['GET', '/fronts', 200],
    ['GET', '/fronts?status=completed&limit=1000', 200],
    ['GET', '/fronts?status=cancelled', 200],
    ['GET', '/fronts?status=lost&limit=0', 422],
    ['GET', '/fronts/described', 200],
    ['GET', '/fronts/refused', 200],
    ['GET', '/fronts/circle', 200],
    ['GET', '/fronts/nobody', 404],
    ['GET', '/fronts/%E0%A4%A', 400],
    ['GET', '/livez', 200],
    ['GET', '/readyz', 200],
    ['GET', '/readyz?verbose', 200],
    ['GET', '/version', 200],
    ['GET', '/problems/invalid', 200],
    ['GET', '/problems/none', 404],
    ['GET', '/openapi.json', 200],
    ['GET', '/metrics', 200],
    ['GET', '/docs', 308],
    ['GET', '/docs/', 200],
    ['GET', '/docs/start.js', 200],
    ['GET', '/docs/swagger-ui.css', 200],
    ['GET', '/docs/swagger-ui-bundle.js', 200],
    ['GET', '/docs/favicon-32x32.png', 200],
    ['GET', '/docs/package.json', 404],
    ['GET', `/${randomUUID()}`, 404],
    ['DELETE', '/create', 405],
    ['PUT', '/fronts/described', 405],
  ])('%s %s is answered %i', async (method, path, status) => {
    expect(await ask(method, path)).toEqual(as(status));
  });
});

describe('breakers, and what changes them, are as described', () => {
  const name = encodeURIComponent('front→middle');
  const patch = (body: unknown, headers = {}, path = `/breakers/${name}`) =>
    ask('PATCH', path, {
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it.each([
    ['GET', '/breakers', 200],
    ['GET', `/breakers/${name}`, 200],
    ['GET', `/breakers/${name}/events`, 200],
    ['GET', '/breakers/none', 404],
    ['GET', '/breakers/none/events', 404],
    ['POST', '/breakers', 405],
    ['GET', '/policy', 200],
    ['DELETE', '/policy', 405],
  ])('%s %s is answered %i', async (method, path, status) => {
    expect(await ask(method, path)).toEqual(as(status));
  });

  it('a change: 200, 400, 403, 404, 413, 415, 422', async () => {
    expect(await patch({ settings: { minCalls: 900 }, shadow: { minCalls: 1 } })).toEqual(as(200));
    expect(await patch({ force: 'open', ttlMs: 60_000 })).toEqual(as(200));
    expect(await post(createDocument())).toEqual(as(202));
    expect(await ask('GET', '/breakers')).toEqual(as(200));
    expect(await patch({ force: null, shadow: null })).toEqual(as(200));
    expect(await ask('GET', `/breakers/${name}/events`)).toEqual(as(200));
    expect(await patch('{')).toEqual(as(400));
    expect(await patch({ force: null }, { Origin: 'http://elsewhere.test' })).toEqual(as(403));
    expect(await patch({ force: null }, {}, '/breakers/none')).toEqual(as(404));
    expect(await patch('x'.repeat(200_000))).toEqual(as(413));
    expect(await patch({ force: null }, { 'Content-Type': 'text/plain' })).toEqual(as(415));
    expect(await patch({ settings: { minCalls: 0 } })).toEqual(as(422));
  });

  it('a change of the policy: 200, 400, 403, 404, 413, 415, 422', async () => {
    const { policy } = (await (await fetch(`${hop.url}/policy`)).json()) as { policy: object };
    expect(await patch({ policy }, {}, '/policy')).toEqual(as(200));
    expect(await patch({ policy: { attempts: 2 } }, {}, '/policy')).toEqual(as(200));
    expect(await patch('{', {}, '/policy')).toEqual(as(400));
    expect(await patch({ policy }, { Origin: 'http://elsewhere.test' }, '/policy')).toEqual(as(403));
    expect(await patch('x'.repeat(200_000), {}, '/policy')).toEqual(as(413));
    expect(await patch({ policy }, { 'Content-Type': 'text/plain' }, '/policy')).toEqual(as(415));
    expect(await patch({ policy: { attempts: 0, deadlineMs: 1 } }, {}, '/policy')).toEqual(as(422));
    const end = await hops.start(frontKind, 'front', { LAB: '1' });
    expect(await ask('GET', '/policy', {}, end)).toEqual(as(404));
    expect(await patch({ policy: { attempts: 1 } }, {}, '/policy')).toEqual(as(200));
  });

  it('the stream: first a snapshot, then ticks', async () => {
    const end = new AbortController();
    const { body, headers } = await fetch(`${hop.url}/events`, { signal: end.signal });
    expect(headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (/^event: tick\n.*\n\n/m.test(text)) break;
    }
    end.abort();
    const messages = text.split('\n\n').filter((message) => message.startsWith('event: '));
    const faults = messages.flatMap((message) => {
      const [, kind = ''] = /^event: (.+)$/m.exec(message) ?? [];
      const schema = { snapshot: 'Snapshot', tick: 'Tick', front: 'DocumentStep' }[kind] ?? 'StreamEntry';
      return check.value(schema, JSON.parse(/^data: (.+)$/m.exec(message)?.[1] ?? ''));
    });
    expect(faults).toEqual([]);
    expect(messages.length).toBeGreaterThanOrEqual(2);
  });

  it('401 without the token', async () => {
    const locked = await hops.start(frontKind, 'front', {
      CHAIN_SVC: neighbour.url,
      NEXT_NAME: 'middle',
      LAB: '1',
      LAB_TOKEN: 'a-token-of-this-test',
    });
    expect(await ask('PATCH', `/breakers/${name}`, {}, locked)).toEqual(as(401));
  });
});

describe('faults are as described', () => {
  const put = (body: unknown, path = '/faults/one') =>
    ask('PUT', path, {
      headers: { 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('put, listed and ended', async () => {
    expect(await put({ type: 'latency', ms: 1, seed: 1, match: 'nobody-*', times: 1 })).toEqual(as(201));
    expect(await put({ type: 'latency', ms: 1, ttlMs: 600_000 })).toEqual(as(200));
    expect(await ask('GET', '/faults')).toEqual(as(200));
    expect(await ask('GET', '/fronts/described')).toEqual(as(200));
    expect(await ask('DELETE', '/faults/one')).toEqual(as(204));
    expect(await ask('DELETE', '/faults/one')).toEqual(as(404));
    expect(await put({ type: 'unready' })).toEqual(as(201));
    expect(await ask('GET', '/readyz')).toEqual(as(503));
    expect(await ask('DELETE', '/faults')).toEqual(as(200));
    expect(await put('{')).toEqual(as(400));
    expect(await put({ type: 'rain' })).toEqual(as(422));
    expect(await put({ type: 'error' }, '/faults/NO')).toEqual(as(422));
  });

  it.each([401, 409, 418, 422, 500, 503, 599])('an injected %i', async (status) => {
    const headers = { 'Lab-Fault': `front;error=${status}` };
    const after = { 'Lab-Fault': `front;error=${status};phase=after` };
    expect(await post(createDocument(), headers)).toEqual(as(status));
    expect(await post(createDocument(), after)).toEqual(as(status));
    expect(await ask('GET', '/fronts', { headers })).toEqual(as(status));
    expect(await ask('GET', '/fronts/described', { headers })).toEqual(as(status));
  });

  it('a header that cannot be read, or not from there', async () => {
    expect(await post(createDocument(), { 'Lab-Fault': 'rain' })).toEqual(as(400));
    const elsewhere = { 'Lab-Fault': 'front;error', Origin: 'http://elsewhere.test' };
    expect(await post(createDocument(), elsewhere)).toEqual(as(403));
  });
});

/** Paths with something in the place of their parameters, and the methods that the service itself names for them. */
async function toAllowed({ url }: RunningHop): Promise<Record<string, string[]>> {
  const paths = Object.keys(document.paths).map(toPath);
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path) => {
        const { headers } = await fetch(`${url}${path}`, { method: 'PURGE' });
        return [path, (headers.get('allow') ?? '').split(', ').sort()];
      }),
    ),
  );
}

/** The same, as a document has it: HEAD comes with GET, and OPTIONS with every path. */
function toDescribed({ paths }: OpenApi): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => {
      const methods = Object.keys(operations).map((method) => method.toUpperCase());
      return [toPath(path), [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort()];
    }),
  );
}

function toPath(template: string): string {
  return template.replaceAll(/\{\w+\}/g, 'x');
}

/** What exists with LAB=1 only. */
const controls = [
  'PATCH /breakers/x',
  'PATCH /policy',
  'DELETE /faults',
  'GET /faults',
  'HEAD /faults',
  'DELETE /faults/x',
  'PUT /faults/x',
];

const refusal = {
  type: '/problems/refused',
  title: 'Refused',
  status: 422,
  detail: 'No.',
  saved: true,
  final: true,
  errors: [{ pointer: '/amount', detail: 'Too much.' }],
  id: 'm-refused',
};
