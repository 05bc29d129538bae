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

function createScene(kind: ReadKind | (() => undefined) = 'scrape') {
  let now = 1000;
  const waits: number[] = [];
  const gate = createReadGate({
    clock: () => now,
    wait: async (ms) => void waits.push(ms),
  });
  const handler = vi.fn<() => Promise<void>>(async () => undefined);
  const bound = gate.within(kind, handler as unknown as RequestHandler);
  const ask = async (response = createResponse()) => {
    await bound({} as Request, response as unknown as Response, () => undefined);
    return response;
  };
  return { ask, handler, waits, pass: (ms: number) => (now += ms) };
}

const overloaded = expect.objectContaining({ code: 'overloaded' });

describe('a place', () => {
  it.each(Object.keys(readBounds) as ReadKind[])('is one of as many as the kind %s has', async (kind) => {
    const { ask } = createScene(kind);
    const { places } = readBounds[kind];
    const responses = await Promise.all(Array.from({ length: places }, () => ask()));
    await expect(ask()).rejects.toEqual(overloaded);
    responses[0]?.close();
    await ask();
  });

  it('is held while the answer is not read, and no longer than the bound says', async () => {
    const { ask } = createScene();
    const slow = [await ask(), await ask()];
    await expect(ask()).rejects.toEqual(overloaded);
    vi.advanceTimersByTime(readBounds.scrape.sendMs);
    expect(slow.map(({ destroyed }) => destroyed)).toEqual([true, true]);
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
    const [one, other] = [createResponse(), createResponse()];
    void ask(one);
    const work = ask(other);
    one.close();
    other.close();
    await expect(ask()).rejects.toEqual(overloaded);
    finish();
    await work;
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
    const { ask, waits } = createScene('scrape');
    for (let turn = 0; turn < 20; turn += 1) (await ask()).close();
    expect(waits).toEqual(Array.from({ length: 7 }, (_, at) => (at + 1) * 20 - 10));
  });

  it('is not spent on large answers alone: who comes too soon after many is refused', async () => {
    const { ask, pass } = createScene('list');
    for (let turn = 0; turn < 3; turn += 1) (await ask(createResponse(1_000_000))).close();
    await expect(ask()).rejects.toEqual(overloaded);
    pass(1000);
    await ask();
  });

  it('is not lost at once to many large answers that begin together, when the last one was large', async () => {
    const { ask, pass } = createScene('list');
    (await ask(createResponse(1_000_000))).close();
    pass(10_000);
    await Promise.all([ask(), ask(), ask()]);
    await expect(ask()).rejects.toEqual(overloaded);
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
