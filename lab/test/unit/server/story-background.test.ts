/** What the story of an order says of the chain before the order came: only what still held. */
import { expect, it } from 'vitest';
import { createEntryRing } from '../../../server/entry-ring.ts';
import { toBackground } from '../../../server/story-background.ts';
import type { StoryPart } from '../../../server/story-wire.ts';
import { aFault, noon } from '../../support/reports.ts';

const place = { origin: 'payment', service: 'payment', instance: 'host:3001', url: 'http://127.0.0.1:3001' };
const began = (at: number, expiresAt: number | null = noon + 60_000) => ({
  ...{ ...place, at, event: 'fault', change: 'on', reason: null, text: 'fault on', line: '' },
  fault: aFault({ expiresAt }),
});
const opened = (at: number) => ({
  ...{ ...place, at, event: 'transition', name: 'payment→shipment', from: 'closed', to: 'open' },
  ...{ why: '', line: '' },
});
const gone = (at: number, instance = place.instance) => ({
  ...{ ...place, instance, at, event: 'process', level: 'bad', text: 'payment is gone', line: '' },
});

/** What is told of events before an order that came at noon. */
function toldOf(...entries: readonly object[]): string[] {
  const ring = createEntryRing('b');
  for (const entry of entries) ring.add(entry as never);
  const document = { status: 'completed', acceptedAt: new Date(noon).toISOString() };
  const order = { service: 'order', id: 'o-1', document, steps: [], missing: [] } as unknown as StoryPart;
  return toBackground(ring.all(), [order], noon + 1000).map(({ event }) => event);
}

it('a fault that is on and a breaker that is open when the order comes are told', () => {
  expect(toldOf(began(noon - 2000), opened(noon - 1000))).toEqual(['fault', 'transition']);
  expect(toldOf(began(noon - 2000, null))).toEqual(['fault']);
});

it('a fault whose time was over is not told', () => {
  expect(toldOf(began(noon - 2000, noon - 500))).toEqual([]);
});

it('what ended with its process is not told, and that of another instance is', () => {
  expect(toldOf(began(noon - 2000), opened(noon - 1500), gone(noon - 1000))).toEqual([]);
  expect(toldOf(began(noon - 2000), gone(noon - 1000, 'host:3020'))).toEqual(['fault']);
});
