/** Who asks again and again is answered later while creates are in work, and nobody else is. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReadPace } from '../../../src/http/read-pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createScene(isBusy = true) {
  const pace = createReadPace(
    () => Date.now(),
    () => isBusy,
  );
  const handler = vi.fn();
  const createLine = (remoteAddress = '10.0.0.1') =>
    Object.assign(new EventEmitter(), { remoteAddress, destroy: vi.fn() });
  const ask = (socket = createLine(), response = { destroyed: false }) =>
    pace({ socket } as unknown as IncomingMessage, response as ServerResponse, handler);
  const flood = () => {
    for (let turn = 0; turn < 1000; turn += 1) ask();
    handler.mockClear();
  };
  return { ask, handler, createLine, flood };
}

describe('the pace of reading', () => {
  it('is free for a burst, then 200 a second of one address', () => {
    const { ask, handler } = createScene();
    for (let turn = 0; turn < 121; turn += 1) ask();
    expect(handler).toHaveBeenCalledTimes(101);
    vi.advanceTimersByTime(50);
    expect(handler).toHaveBeenCalledTimes(111);
  });

  it('makes nobody wait for longer than 250 ms', () => {
    const { ask, handler, flood } = createScene();
    flood();
    ask();
    vi.advanceTimersByTime(249);
    handler.mockClear();
    vi.advanceTimersByTime(1);
    expect(handler).toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    handler.mockClear();
    ask();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('is that of each address', () => {
    const { ask, handler, createLine, flood } = createScene();
    flood();
    ask(createLine('10.0.0.2'));
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('does not matter while nothing is created', () => {
    const { ask, handler, flood } = createScene(false);
    flood();
    ask();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('answers nobody who has left', () => {
    const { ask, handler, createLine, flood } = createScene();
    flood();
    vi.advanceTimersByTime(250);
    for (let turn = 0; turn < 102; turn += 1) ask();
    handler.mockClear();
    ask(createLine(), { destroyed: true });
    vi.advanceTimersByTime(4);
    handler.mockClear();
    vi.advanceTimersByTime(300);
    expect(handler.mock.calls.every(([, { destroyed }]) => !destroyed)).toBe(true);
  });

  it('ends a connection that does not read before it asks again', () => {
    const { ask, createLine, flood } = createScene();
    flood();
    const line = createLine();
    for (let turn = 0; turn < 16; turn += 1) ask(line);
    expect(line.destroy).not.toHaveBeenCalled();
    ask(line);
    expect(line.destroy).toHaveBeenCalledTimes(1);
  });
});
