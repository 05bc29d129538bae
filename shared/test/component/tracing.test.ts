/** Traces of real hops at a real receiver, and the trace context that passes when nobody records. */
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { type Collector, startCollector } from '../support/collector.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind, middleKind } from '../support/kinds.ts';
import { answer, completes, hangs, useNeighbour } from '../support/neighbour.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${callerSpan}-01`;
const tracestate = 'vendor=value';

const neighbour = useNeighbour();
const hops = useHops();
let collector: Collector;

beforeEach(async () => {
  collector = await startCollector();
});
afterEach(async () => {
  await collector.stop();
});

const startFront = (env: Record<string, string>) =>
  hops.start(frontKind, 'front', {
    NEXT_NAME: 'middle',
    CHAIN_SVC: neighbour.url,
    RETRY_ATTEMPTS: '1',
    ...env,
  });
const startTraced = (env: Record<string, string> = {}) =>
  startFront({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...env });
const send = (hop: RunningHop, headers: Record<string, string> = {}) =>
  request(hop.url).post('/create').set(headers).send(createDocument());
const spanOf = (service: string, name: string) => {
  const found = collector.spans.filter((span) => span.service === service && span.name === name);
  if (found.length !== 1) throw new Error(`${found.length} spans of ${service} are called ${name}`);
  return found[0] as (typeof found)[0];
};

describe('tracing', () => {
  it('makes one trace of two hops: server, breaker and client in each, one inside the other', async () => {
    const middle = await hops.start(middleKind, 'middle', {
      NEXT_NAME: 'end',
      CHAIN_SVC: neighbour.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    });
    const front = await startTraced({ CHAIN_SVC: `${middle.url}/create` });
    expect((await send(front, { traceparent, tracestate })).status).toBe(200);
    await front.stop();
    await middle.stop();

    const way = [
      spanOf('front', 'POST /create'),
      spanOf('front', 'breaker front→middle'),
      spanOf('front', 'POST'),
      spanOf('middle', 'POST /create'),
      spanOf('middle', 'breaker middle→end'),
      spanOf('middle', 'POST'),
    ];
    expect(collector.spans).toHaveLength(6);
    expect(way.map(({ kind }) => kind)).toEqual(
      ['server', 'internal', 'client'].concat('server', 'internal', 'client'),
    );
    expect(way.map((span) => span.traceId)).toEqual(way.map(() => traceId));
    expect(way.map((span) => span.parentSpanId)).toEqual([
      callerSpan,
      ...way.slice(0, -1).map(({ spanId }) => spanId),
    ]);
    expect(way.every(({ failed }) => !failed)).toBe(true);
    expect(neighbour.received[0]?.headers).toMatchObject({
      traceparent: `00-${traceId}-${way.at(-1)?.spanId}-01`,
      tracestate,
    });
    expect(collector.resources.get('front')).toMatchObject({
      'service.name': 'front',
      'service.instance.id': expect.stringMatching(/:0$/),
      'service.version': expect.stringMatching(/^\d/),
    });
  });

  it('says of each span what a reader asks for', async () => {
    const hop = await startTraced();
    await send(hop);
    await hop.stop();
    expect(spanOf('front', 'POST /create').attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/create',
      'url.path': '/create',
      'http.response.status_code': 200,
    });
    expect(spanOf('front', 'breaker front→middle').attributes).toEqual({
      'breaker.name': 'front→middle',
      'breaker.state': 'closed',
      'breaker.outcome': 'success',
      'breaker.probe': false,
      'breaker.late': false,
    });
    expect(spanOf('front', 'POST').attributes).toEqual({
      'http.request.method': 'POST',
      'url.full': neighbour.url,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(neighbour.url).port),
      'http.response.status_code': 200,
    });
    expect(spanOf('front', 'POST /create').parentSpanId).toBe('');
  });

  it('shows a failed call, and a rejected one as a short error without a client span', async () => {
    const hop = await startTraced({ BREAKER_MIN_CALLS: '1', BREAKER_OPEN_MS: '60000' });
    neighbour.behave(answer(500, { detail: 'broken' }));
    expect((await send(hop)).status).toBe(202);
    const second = 'a'.repeat(32);
    expect((await send(hop, { traceparent: `00-${second}-${callerSpan}-01` })).status).toBe(202);
    await hop.stop();

    const sent = collector.spans.filter((span) => span.traceId !== second);
    expect(sent.find(({ name }) => name === 'POST')).toMatchObject({
      failed: true,
      attributes: { 'http.response.status_code': 500 },
    });
    expect(sent.find(({ name }) => name.startsWith('breaker'))).toMatchObject({
      failed: true,
      attributes: { 'breaker.outcome': 'failure', 'breaker.state': 'closed' },
    });
    const rejected = collector.spans.filter((span) => span.traceId === second);
    expect(rejected.map(({ name, failed }) => [name, failed])).toEqual([
      ['breaker front→middle', true],
      ['POST /create', false],
    ]);
    expect(rejected[0]).toMatchObject({
      message: expect.stringMatching(/^The breaker front→middle opened /),
      attributes: {
        'breaker.outcome': 'rejected',
        'breaker.state': 'open',
        'error.type': 'breaker-open',
      },
    });
  });

  it('begins a trace for each turn of the relay, with the probe in it', async () => {
    const hop = await startTraced({ BREAKER_MIN_CALLS: '1', BREAKER_OPEN_MS: '50' });
    neighbour.behave(answer(500, { detail: 'broken' }));
    await send(hop, { traceparent });
    neighbour.behave(completes);
    await until('the relay has finished it', async () => {
      return (await request(hop.url).get('/fronts?status=pending')).body.fronts.length === 0;
    });
    await hop.stop();
    const turn = collector.spans.filter(({ name }) => name === 'relay turn').at(-1);
    expect(turn).toMatchObject({ kind: 'internal', parentSpanId: '', failed: false });
    expect(turn?.traceId).not.toBe(traceId);
    const call = collector.spans.find(({ parentSpanId }) => parentSpanId === turn?.spanId);
    expect(call).toMatchObject({
      name: 'breaker front→middle',
      attributes: { 'breaker.state': 'half_open', 'breaker.probe': true, 'breaker.outcome': 'success' },
    });
  });

  it('keeps the outcomes of calls apart that run at the same time', async () => {
    const hop = await startTraced();
    neighbour.behave((call, response, socket) => {
      const manner = call.body.id === 'm-bad' ? answer(500, { detail: 'broken' }) : completes;
      manner(call, response, socket);
    });
    const post = (id: string, trace: string) =>
      request(hop.url)
        .post('/create')
        .set({ traceparent: `00-${trace}-${callerSpan}-01` })
        .send(createDocument(id));
    await Promise.all(['good', 'bad', 'fine'].map((id, at) => post(id, `${at + 1}`.repeat(32))));
    await hop.stop();
    const outcomes = [1, 2, 3].map((at) => {
      const span = collector.spans.find(
        ({ name, traceId }) => name.startsWith('breaker') && traceId === `${at}`.repeat(32),
      );
      return span?.attributes['breaker.outcome'];
    });
    expect(outcomes).toEqual(['success', 'failure', 'success']);
  });

  it('records nothing of a trace that its beginner does not record, and passes it on', async () => {
    const hop = await startTraced();
    await send(hop, { traceparent: `00-${traceId}-${callerSpan}-00` });
    await hop.stop();
    expect(collector.spans).toEqual([]);
    expect(neighbour.received[0]?.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-00$`));
  });

  it('puts the trace and the request into the lines of the log', async () => {
    const hop = await startTraced({ BREAKER_MIN_CALLS: '1' });
    neighbour.behave(answer(500, { detail: 'broken' }));
    await send(hop, { 'X-Request-Id': 'r-1', traceparent });
    const known = { requestId: 'r-1', traceId };
    expect(hops.logged.find(({ event }) => event === 'transition')).toMatchObject(known);
    expect(hops.logged.find(({ event }) => event === 'call')).toMatchObject(known);
    expect(hops.logged.find(({ msg }) => String(msg).startsWith('answered 4'))).toBeUndefined();
    await request(hop.url).post('/create').set({ 'X-Request-Id': 'r-2', traceparent }).send({ id: '' });
    expect(hops.logged.find(({ msg }) => String(msg).startsWith('answered 422'))).toMatchObject({
      requestId: 'r-2',
      traceId,
    });
  });
});

describe('a collector that is away', () => {
  it('in real time: costs one warning and no request, and does not keep the service from leaving', async () => {
    const { endpoint } = collector;
    await collector.stop();
    const hop = await startFront({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    for (let sent = 0; sent < 3; sent += 1) expect((await send(hop)).status).toBe(200);
    const startedAt = performance.now();
    await hop.stop();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(hops.logged.filter(({ level }) => level === 'warn').length).toBeLessThanOrEqual(1);
  });

  it('in real time: may also hang', async () => {
    const hanging = await startCollector({ answers: false });
    const hop = await startFront({ OTEL_EXPORTER_OTLP_ENDPOINT: hanging.endpoint });
    await send(hop);
    const startedAt = performance.now();
    await hop.stop();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await hanging.stop();
  });
});

describe('without a collector', () => {
  it('passes the trace context on as it came', async () => {
    const hop = await startFront({});
    await send(hop, { traceparent, tracestate });
    expect(neighbour.received[0]?.headers).toMatchObject({ traceparent, tracestate });
    await send(hop);
    expect(neighbour.received[1]?.headers).not.toHaveProperty('traceparent');
  });

  it('still names the trace in the log', async () => {
    const hop = await startFront({ BREAKER_MIN_CALLS: '1', ATTEMPT_TIMEOUT_MS: '50' });
    neighbour.behave(hangs);
    await send(hop, { 'X-Request-Id': 'r-3', traceparent });
    expect(hops.logged.find(({ event }) => event === 'transition')).toMatchObject({
      requestId: 'r-3',
      traceId,
    });
  });
});
