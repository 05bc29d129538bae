import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAdmission } from '../../../src/http/admission.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Admission in front of `handle`. A request with `Hop: 1` counts as one of a hop, and time stands still by default. */
async function start({ max = 1, clock = () => 0, random = () => 0, handle }: StartOptions) {
  const metered: string[] = [];
  const admission = createAdmission({
    service: 'till',
    max,
    requestTimeoutMs: 4000,
    clock,
    random,
    phase: () => 'serving',
    chain: { isProven: ({ headers }) => headers.hop === '1' },
    meter: { begin: () => void metered.push('begin'), end: () => void metered.push('end') },
  });
  const server = createServer(admission.guard(handle(admission)));
  let count = 0;
  server.on('request', () => {
    count += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const post = (headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}', headers });
  return { port, post, metered, arrived: () => count };
}

interface StartOptions {
  readonly max?: number;
  readonly clock?: () => number;
  readonly random?: () => number;
  readonly handle: (admission: ReturnType<typeof createAdmission>) => RequestListener;
}

/** Reads the body, then works until it is told to end. */
function working() {
  const begun: (() => void)[] = [];
  const handle: StartOptions['handle'] = (admission) => {
    const work = admission.hold(async (_request, response) => {
      await new Promise<void>((resolve) => begun.push(resolve));
      response.end('done');
    });
    return (request, response) => void request.resume().once('end', () => work(request, response));
  };
  return { begun, handle };
}

describe('admission', () => {
  it('says in a problem that there is no room, under the id of the request, and keeps the connection', async () => {
    const { begun, handle } = working();
    const { post } = await start({ handle });
    const first = post();
    await expect.poll(() => begun.length).toBe(1);
    const refused = await post({ 'X-Request-Id': 'r-1' });
    expect(await refused.json()).toEqual({
      type: '/problems/overloaded',
      title: 'No room',
      status: 503,
      detail: 'All 1 places for requests are taken.',
      saved: false,
      service: 'till',
      requestId: 'r-1',
    });
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'x-request-id': 'r-1',
      'retry-after': '1',
    });
    begun[0]?.();
    expect((await first).status).toBe(200);
  });

  it('asks clients back at different times, and hops after a second', async () => {
    const { begun, handle } = working();
    const { post } = await start({ random: () => 0.99, handle });
    void post().catch(() => undefined);
    await expect.poll(() => begun.length).toBe(1);
    expect((await post()).headers.get('retry-after')).toBe('3');
    for (const count of [2, 3]) {
      void post({ hop: '1' }).catch(() => undefined);
      await expect.poll(() => begun.length).toBe(count);
    }
    expect((await post({ hop: '1' })).headers.get('retry-after')).toBe('1');
  });

  it('lets clients wait a little where refusing them takes too much time, and hops do not wait', async () => {
    const { begun, handle } = working();
    let now = 0;
    const { port, post, arrived } = await start({ handle, clock: () => now });
    void post().catch(() => undefined);
    await expect.poll(() => begun.length).toBe(1);
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    ends.push(() => void vi.useRealTimers());
    const flood = connect(port, '127.0.0.1');
    ends.push(() => flood.destroy());
    // Pipelined, they use up what may be refused at once.
    flood.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'.repeat(2229));
    while (arrived() < 2230) {
      flood.read();
      await new Promise(setImmediate);
    }
    let refused = 0;
    const waiting = post().then(({ status }) => (refused = status));
    while (arrived() < 2231) await new Promise(setImmediate);
    for (const count of [2, 3]) {
      void post({ hop: '1' }).catch(() => undefined);
      while (begun.length < count) await new Promise(setImmediate);
    }
    expect((await post({ hop: '1' })).status).toBe(503);
    expect(refused).toBe(0);
    now += 250;
    vi.advanceTimersByTime(2);
    await waiting;
    expect(refused).toBe(503);
  });

  it('lets a hop in where nobody else has room, and hops take no room from others', async () => {
    const { begun, handle } = working();
    const { post } = await start({ handle });
    const hop = post({ hop: '1' });
    await expect.poll(() => begun.length).toBe(1);
    const other = post();
    await expect.poll(() => begun.length).toBe(2);
    expect((await post()).status).toBe(503);
    const second = post({ hop: '1' });
    await expect.poll(() => begun.length).toBe(3);
    for (const end of begun) end();
    expect((await Promise.all([hop, other, second])).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it.each(['GET', 'PUT', 'OPTIONS'])(
    'lets %s of one address pass at a bounded pace while there is work, and refuses none',
    async (method) => {
      const { begun, handle } = working();
      let passed = 0;
      const { port, post, arrived } = await start({
        handle: (admission) => {
          const work = handle(admission);
          return (request, response) => {
            if (request.method === 'POST') return work(request, response);
            passed += 1;
            response.end();
          };
        },
      });
      void post().catch(() => undefined);
      await expect.poll(() => begun.length).toBe(1);
      vi.useFakeTimers({ toFake: ['setTimeout'] });
      ends.push(() => void vi.useRealTimers());
      const all = [1, 2, 3].map(() => fetch(`http://127.0.0.1:${port}/`, { method }));
      while (arrived() < 4) await new Promise(setImmediate);
      expect(passed).toBe(1); // time stands still: nothing is saved up for a burst
      vi.advanceTimersByTime(250);
      expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 200]);
    },
  );

  it('gives a place back when work and answer have ended, and only then', async () => {
    const { begun, handle } = working();
    const { port, post, metered } = await start({ handle });
    const socket = connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}');
    await expect.poll(() => begun.length).toBe(1);
    socket.destroy();
    await once(socket, 'close');
    expect((await post()).status).toBe(503);
    expect(metered).toEqual(['begin']);
    begun[0]?.();
    await expect.poll(() => metered).toEqual(['begin', 'end']);
  });

  it('begins no work for a client that left before it was heard, once there was too little room', async () => {
    const { begun, handle } = working();
    const { port, post, metered, arrived } = await start({ handle });
    const first = post();
    await expect.poll(() => begun.length).toBe(1);
    expect((await post()).status).toBe(503);
    begun[0]?.();
    expect((await first).status).toBe(200);
    await expect.poll(() => metered).toEqual(['begin', 'end']);
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}');
      socket.destroy();
    });
    await expect.poll(arrived).toBe(3);
    const last = post();
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.();
    expect((await last).status).toBe(200);
    expect(metered).toHaveLength(3 + 1);
  });

  it('begins no work for a client that has left', async () => {
    let ended: string | undefined;
    const { port, metered } = await start({
      handle: (admission) => {
        const work = admission.hold(async () => {
          ended = 'worked';
        });
        return async (request, response) => {
          await once(request.socket, 'close');
          await work(request, response);
          ended ??= 'left it';
        };
      },
    });
    const socket = connect(port, '127.0.0.1');
    socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}', () => socket.destroy());
    await expect.poll(() => ended).toBe('left it');
    expect(metered).toEqual([]);
  });
});
