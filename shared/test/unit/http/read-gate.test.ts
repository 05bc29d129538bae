/** Who gets a place to read, for how long, and who is told to come again. */
import { EventEmitter } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReadGate, type ReadKind, readBounds } from '../../../src/http/read-gate.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A response of so many bytes that its client has not read yet. */
function createResponse(bytes = 0) {
  const response = Object.assign(new EventEmitter(), {
    destroyed: false,
    closed: false,
    getHeader: () => bytes,
    destroy: () => response.close(),
    close() {
      response.destroyed = true;
      response.closed = true;
      response.emit('close');
    },
  });
  return response;
}

function createScene(kind: ReadKind | (() => undefined) = 'scrape', isBusy = () => false) {
  const gate = createReadGate({ clock: () => Date.now(), isBusy });
  const handler = vi.fn<() => Promise<void>>(async () => undefined);
  const bound = gate.within(kind, handler as unknown as RequestHandler);
  const ask = async (response = createResponse(), remoteAddress = '10.0.0.1') => {
    const request = { socket: { remoteAddress } } as unknown as Request;
    await bound(request, response as unknown as Response, () => undefined);
    return response;
  };
  return { gate, ask, handler, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

const overloaded = expect.objectContaining({ code: 'overloaded' });

describe('a place', () => {
  it.each(Object.keys(readBounds) as ReadKind[])('is one of as many as the kind %s has', async (kind) => {
    const { ask } = createScene(kind);
    const { places } = readBounds[kind];
    const from = (n: number) => ask(createResponse(), `10.0.0.${n}`);
    const responses = await Promise.all(Array.from({ length: places }, (_, n) => from(n)));
    await expect(from(places)).rejects.toEqual(overloaded);
    responses[0]?.close();
    await from(places);
  });

  it.each(Object.keys(readBounds) as ReadKind[])(
    'is left for others by an address that holds its share of the kind %s',
    async (kind) => {
      const { ask } = createScene(kind);
      const own = (readBounds[kind].places * 3) / 4;
      await Promise.all(Array.from({ length: own }, () => ask()));
      await expect(ask()).rejects.toEqual(overloaded);
      await ask(createResponse(), '10.0.0.2');
    },
  );

  it('is held while the answer is not read, and no longer than the bound says', async () => {
    const { ask } = createScene();
    const slow = [await ask(), await ask(), await ask()];
    await expect(ask()).rejects.toEqual(overloaded);
    vi.advanceTimersByTime(readBounds.scrape.sendMs);
    expect(slow.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
    await ask();
  });

  it('is held while the work goes on, though the client has left', async () => {
    const { ask, handler } = createScene();
    let finish = () => {};
    handler.mockImplementation(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const all = [createResponse(), createResponse(), createResponse()];
    const works = all.map((response) => ask(response));
    for (const response of all) response.close();
    await expect(ask()).rejects.toEqual(overloaded);
    finish();
    await works.at(-1);
    handler.mockImplementation(async () => undefined);
    await ask();
  });

  it('is free again after a handler that throws', async () => {
    const { ask, handler } = createScene();
    handler.mockRejectedValue(new Error('not this time'));
    for (let turn = 0; turn < 5; turn += 1) {
      const response = createResponse();
      await expect(ask(response)).rejects.toThrow('not this time');
      response.close();
    }
  });
});

describe('the time of the process', () => {
  it('is shared: beyond a burst, reads follow each other at a distance', async () => {
    const { ask, handler, pass } = createScene('scrape');
    const read = async () => (await ask()).close();
    for (let turn = 0; turn < 13; turn += 1) await read();
    void read();
    await pass(9);
    expect(handler).toHaveBeenCalledTimes(13);
    await pass(1);
    expect(handler).toHaveBeenCalledTimes(14);
  });

  it('is not spent on large answers alone: who comes too soon after many is refused', async () => {
    const { ask, pass } = createScene('list');
    const read = async () => (await ask(createResponse(1_000_000))).close();
    await read();
    const waiting = Promise.all(Array.from({ length: 4 }, read));
    await expect(ask()).rejects.toEqual(overloaded);
    await pass(2000);
    await waiting;
    await ask();
  });

  it('goes round: who waits for one thing waits for one of another address, not for all of them', async () => {
    const { ask, handler, pass } = createScene('list');
    const read = async (from: string) => (await ask(createResponse(1_000_000), from)).close();
    await read('10.0.0.1');
    const flood = Promise.all(Array.from({ length: 4 }, () => read('10.0.0.1')));
    let isRead = false;
    const good = read('10.0.0.2').then(() => {
      isRead = true;
    });
    await pass(300);
    expect([isRead, handler.mock.calls.length]).toEqual([true, 3]);
    await pass(2000);
    await Promise.all([flood, good]);
  });

  it('of a slow database is not held against single reads: 24 at once have their turns within a second', async () => {
    const { ask, handler, pass } = createScene('read', () => true);
    handler.mockImplementation(() => new Promise((resolve) => setTimeout(resolve, 40)));
    const [first] = await Promise.all([ask(), pass(100)]);
    first.close();
    const all = Promise.all(Array.from({ length: 24 }, () => ask()));
    await pass(1000);
    await all;
    expect(handler).toHaveBeenCalledTimes(25);
  });

  it('is left to creates while there are some: a read that took long is followed by a longer rest', async () => {
    let isBusy = true;
    const { ask, handler, pass } = createScene('list', () => isBusy);
    handler.mockImplementation(() => new Promise((resolve) => setTimeout(resolve, 400)));
    const read = async () => (await ask()).close();
    const all = Promise.all([read(), read(), read()]);
    await pass(399);
    expect(handler).toHaveBeenCalledTimes(readBounds.list.beside);
    await pass(100);
    expect(handler).toHaveBeenCalledTimes(1);
    isBusy = false;
    await pass(2000);
    expect(handler).toHaveBeenCalledTimes(3);
    await all;
  });

  it.each([
    [true, 80, 50],
    [true, 10, 20],
    [false, 80, 0],
  ])('beside creates (%s), a step of %i ms is followed by a rest of %i ms', async (busy, tookMs, restMs) => {
    const { gate, pass } = createScene('list', () => busy);
    const rest = gate.beginSteps();
    await pass(tookMs);
    const startedAt = Date.now();
    const ended = rest().then(() => Date.now() - startedAt);
    await pass(1000);
    expect(await ended).toBe(restMs);
  });

  it('is not given to who has left already', async () => {
    const { ask, handler } = createScene();
    const gone = createResponse();
    gone.close();
    await ask(gone);
    expect(handler).not.toHaveBeenCalled();
  });

  it('does not count what has no kind', async () => {
    const { ask, handler } = createScene(() => undefined);
    await Promise.all(Array.from({ length: 100 }, () => ask()));
    expect(handler).toHaveBeenCalledTimes(100);
  });
});
