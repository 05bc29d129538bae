/** How long a body is waited for, to the millisecond, and who has to go when there are too many. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { maxUnfinished, watchBodies } from '../../../src/http/body-timeouts.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createScene() {
  const ended: { from: string; why: string; n: number }[] = [];
  let count = 0;
  const watch = watchBodies((request, _response, why) => {
    const { socket, n } = request as IncomingMessage & { n: number };
    ended.push({ from: socket.remoteAddress ?? '', why, n });
  });
  const begin = (from = '10.0.0.1') => {
    const request = Object.assign(new EventEmitter(), { socket: { remoteAddress: from }, n: ++count });
    const response = Object.assign(new EventEmitter(), { writableEnded: false });
    watch(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    return { request, response };
  };
  return { ended, begin };
}

describe('a body that does not end', () => {
  it('is given up 2.5 s after the headers, and not before', () => {
    const { ended, begin } = createScene();
    begin();
    vi.advanceTimersByTime(2499);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(ended).toMatchObject([{ why: 'too-slow' }]);
  });

  it('is not given up when it became whole in that time, or its client has left', () => {
    const { ended, begin } = createScene();
    const [whole, left] = [begin(), begin()];
    vi.advanceTimersByTime(2499);
    whole.request.emit('end');
    left.response.emit('close');
    vi.advanceTimersByTime(60_000);
    expect(ended).toEqual([]);
  });

  it('is not given up when its last bytes are read in the same turn of the loop', () => {
    const { ended, begin } = createScene();
    const { request } = begin();
    setTimeout(() => request.emit('end'), 2500);
    vi.advanceTimersByTime(2500);
    vi.runAllTimers();
    expect(ended).toEqual([]);
  });
});

it('beyond the bound the oldest of the address with most has to go', () => {
  const { ended, begin } = createScene();
  begin('10.0.0.2');
  for (let n = 0; n < maxUnfinished; n += 1) begin();
  expect(ended).toEqual([{ from: '10.0.0.1', why: 'too-many', n: 2 }]);
});
