/** What becomes of listeners of the stream that do not read, and that those who do are not harmed. */
import { EventEmitter } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventRoutes } from '../../../src/http/event-routes.ts';
import type { Stream, StreamListener } from '../../../src/observability/stream.ts';
import type { ServiceStatus, StreamEntry } from '../../../src/observability/wire.ts';
import type { BreakerCall } from '../../../src/resilience/breaker-events.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const slowBytes = 65_537;

function createScene() {
  const heard = new Set<StreamListener>();
  const callListeners = new Set<(call: BreakerCall) => void>();
  const stream: Partial<Stream> = {
    lastId: () => 'boot-0',
    entries: () => [],
    steps: () => [],
    listen(listener) {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
  };
  const { routes } = eventRoutes({
    stream: stream as Stream,
    status: () => ({}) as ServiceStatus,
    identity: { service: 'one', instance: 'one-1' },
    stepName: 'step',
    onCall(listener) {
      callListeners.add(listener);
      return () => void callListeners.delete(listener);
    },
    clock: () => Date.now(),
  });
  const [handler] = routes['/events']?.GET ?? [];
  const listen = (query: Record<string, string> = {}) => {
    const response = Object.assign(new EventEmitter(), {
      writableLength: 0,
      written: [] as string[],
      destroyed: false,
      set: () => response,
      write: (text: string) => response.written.push(text),
      destroy() {
        response.destroyed = true;
        response.emit('close');
      },
    });
    const request = { method: 'GET', query, get: () => undefined, socket: { remoteAddress: '10.0.0.1' } };
    (handler as RequestHandler)(request as unknown as Request, response as unknown as Response, vi.fn());
    return response;
  };
  const emit = () => {
    for (const { entry } of [...heard]) entry({ id: 'boot-1', event: 'fault' } as StreamEntry);
  };
  const ticksOf = ({ written }: { written: string[] }) =>
    written.filter((text) => text.startsWith('event: tick')).length;
  const call = (name: string) => {
    const made = { name, at: 10, durationMs: 4, outcome: 'success', error: null } as BreakerCall;
    for (const listener of [...callListeners]) listener(made);
  };
  return { listen, emit, ticksOf, call, count: () => heard.size, callListeners };
}

describe('single calls', () => {
  const tickMs = 250;

  it('go to the listener that asked for them, together with a tick, and to no other', () => {
    const { listen, call, callListeners } = createScene();
    const [plain, asking] = [listen(), listen({ calls: '1' })];
    expect(callListeners.size).toBe(1);
    call('one→two');
    call('one→two@host:1');
    vi.advanceTimersByTime(tickMs);
    const told = asking.written.filter((text) => text.startsWith('event: calls'));
    expect(told).toEqual([
      'event: calls\ndata: {"service":"one","instance":"one-1","calls":[' +
        '{"name":"one→two","at":10,"ms":4,"outcome":"success","error":null},' +
        '{"name":"one→two@host:1","at":10,"ms":4,"outcome":"success","error":null}],"dropped":0}\n\n',
    ]);
    expect(plain.written.join()).not.toContain('event: calls');
    asking.emit('close');
    expect(callListeners.size).toBe(0);
  });

  it('of a flood are bounded, and the rest is counted', () => {
    const { listen, call } = createScene();
    const asking = listen({ calls: '1' });
    for (let sent = 0; sent < 5000; sent += 1) call('one→two');
    vi.advanceTimersByTime(tickMs);
    const told = asking.written.find((text) => text.startsWith('event: calls')) ?? '';
    expect(told.match(/"name"/g)).toHaveLength(1000);
    expect(told).toContain('"dropped":4000}');
  });
});

describe('a listener that does not read', () => {
  it('gets no ticks while more than 64 KiB wait for it, and is dropped after 15 s of that', () => {
    const { listen, ticksOf, count } = createScene();
    const [stuck, reading] = [listen(), listen()];
    stuck.writableLength = slowBytes;
    vi.advanceTimersByTime(15_250);
    expect([stuck.destroyed, ticksOf(stuck), count()]).toEqual([false, 0, 2]);
    vi.advanceTimersByTime(250);
    expect([stuck.destroyed, reading.destroyed, count()]).toEqual([true, false, 1]);
    expect(ticksOf(reading)).toBe(62);
  });

  it('is dropped at once when something is told and more than 1 MiB waits for it', () => {
    const { listen, emit } = createScene();
    const [stuck, slow] = [listen(), listen()];
    stuck.writableLength = 1_048_577;
    slow.writableLength = 1_048_576;
    emit();
    expect([stuck.destroyed, slow.destroyed]).toEqual([true, false]);
  });
});

it('a listener that catches up in between is not dropped, however often it is slow', () => {
  const { listen } = createScene();
  const slow = listen();
  for (let turn = 0; turn < 3; turn += 1) {
    slow.writableLength = slowBytes;
    vi.advanceTimersByTime(14_750);
    slow.writableLength = 0;
    vi.advanceTimersByTime(250);
  }
  expect(slow.destroyed).toBe(false);
});
