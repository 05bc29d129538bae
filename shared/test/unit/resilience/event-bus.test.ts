/** The bus: subscriptions, and listeners that throw. */
import { expect, it, vi } from 'vitest';
import type { BreakerEventMap, BreakerRejections } from '../../../src/resilience/breaker-events.ts';
import { createEventBus } from '../../../src/resilience/event-bus.ts';

const event: BreakerRejections = {
  name: 'a→b',
  at: 1,
  state: 'open',
  count: 2,
  perMs: 1_000,
  total: 2,
  probeAt: 3,
  until: null,
};

it('calls the listeners of a kind in their order, until they unsubscribe', () => {
  const events = createEventBus<BreakerEventMap>();
  const heard: string[] = [];
  const end = events.on('rejections', () => heard.push('first'));
  events.on('rejections', () => heard.push('second'));
  events.on('call', () => heard.push('other kind'));

  events.emit('rejections', event);
  end();
  end();
  events.emit('rejections', event);

  expect(heard).toEqual(['first', 'second', 'second']);
});

it('takes the same listener twice as two subscriptions', () => {
  const events = createEventBus<BreakerEventMap>();
  const listener = vi.fn();
  const end = events.on('rejections', listener);
  events.on('rejections', listener);
  end();
  events.emit('rejections', event);

  expect(listener).toHaveBeenCalledExactlyOnceWith(event);
});

it('turns a listener that throws into a warning and goes on', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  const events = createEventBus<BreakerEventMap>();
  const after = vi.fn();
  const fault = new Error('broken listener');
  events.on('rejections', () => {
    throw fault;
  });
  events.on('rejections', after);
  events.emit('rejections', event);

  expect(after).toHaveBeenCalledOnce();
  expect(warn).toHaveBeenCalledExactlyOnceWith(fault, { type: 'ListenerWarning' });
  warn.mockRestore();
});
