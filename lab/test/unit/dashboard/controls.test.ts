/** What people do on the page: faults, keys, settings, messages. */

import type { FaultView } from '@holdfast/shared/faults/fault-events.ts';
import { breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import { describe, expect, it } from 'vitest';
import { toFormFault } from '../../../dashboard/model/fault-form.ts';
import {
  toPlacedFaults,
  toPreset,
  toScope,
  toShortFault,
  toSliderFaults,
  toSliders,
  toSlowMs,
} from '../../../dashboard/model/faults.ts';
import { toTokens } from '../../../dashboard/model/line-tokens.ts';
import { createPage, reducePage, toastMs, toChangedSettings } from '../../../dashboard/model/page-state.ts';
import { toSentence } from '../../../dashboard/model/sentences.ts';
import { toShortcut } from '../../../dashboard/model/shortcuts.ts';
import type { LabEntry } from '../../../server/wire.ts';
import { opened, service, serviceStatus, t0 } from './samples.ts';

const rejections: LabEntry = {
  event: 'rejections',
  id: 'lab-1',
  origin: 'payment',
  url: 'http://127.0.0.1:3000',
  service: 'payment',
  instance: 'payment:1',
  name: 'payment→shipment',
  at: t0,
  state: 'open',
  count: 14,
  perMs: 1000,
  total: 14,
  probeAt: null,
  until: null,
  text: 'rejected 14 in 1 s',
  line: '🔌 payment→shipment  ○ OPEN       rejected 14 in 1 s',
};

describe('faults of several instances', () => {
  const fault = (rate: number): FaultView => ({
    ...{ name: 'errors', type: 'error', phase: 'before', rate, status: 503, ms: 0, jitterMs: 0 },
    ...{ match: null, times: null, seed: null, seen: 0, hits: 0, since: t0, expiresAt: null, leftMs: null },
  });
  const group = (...faults: (readonly FaultView[])[]) => ({
    name: 'payment',
    instances: faults.map((some, index) =>
      service('payment', {
        url: `http://127.0.0.1:302${index}`,
        status: serviceStatus('payment', { instance: `payment:302${index}`, faults: some }),
      }),
    ),
  });
  const places = (...faults: (readonly FaultView[])[]) =>
    toPlacedFaults(group(...faults)).map((placed) => [
      placed.label,
      placed.instance,
      toShortFault(placed.fault),
    ]);

  it('are named once when all instances have them, else with each instance that has them', () => {
    expect(places([fault(1)], [fault(1)], [fault(1)])).toEqual([[null, null, '100% errors 503']]);
    expect(places([], [fault(1)], [])).toEqual([[':3021', '127.0.0.1:3021', '100% errors 503']]);
  });

  it('are named with each instance when they differ', () => {
    expect(places([fault(1)], [fault(0.6)])).toEqual([
      [':3020', '127.0.0.1:3020', '100% errors 503'],
      [':3021', '127.0.0.1:3021', '60% errors 503'],
    ]);
  });

  it('of one instance are those of all when it is gone', () => {
    const three = group([], [fault(1)], []);
    expect(toScope(three, '127.0.0.1:3021').instances.map(({ url }) => url)).toEqual([
      'http://127.0.0.1:3021',
    ]);
    expect(toScope(three, '127.0.0.1:9')).toBe(three);
  });
});

describe('presets and sliders', () => {
  it('slow a service by twice what its caller waits', () => {
    expect(toPreset('slow', toSlowMs(300))).toEqual({
      name: 'delay',
      fault: { type: 'latency', phase: 'before', rate: 1, ms: 600, ttlMs: 60_000 },
    });
  });

  it('ask only for what is above zero, and end the rest', () => {
    const { set, end } = toSliderFaults({ errorRatio: 0.6, delayMs: 0 });
    expect([set.map(({ name, fault }) => [name, fault.rate]), end]).toEqual([[['errors', 0.6]], ['delay']]);
  });

  it('stand where a preset has put them', () => {
    const { name, fault } = toPreset('flaky', 0);
    const view = {
      name,
      ms: 0,
      jitterMs: 0,
      match: null,
      times: null,
      seed: null,
      seen: 0,
      hits: 0,
      since: t0,
    };
    const running = {
      ...view,
      ...fault,
      phase: 'before',
      rate: 0.6,
      status: 503,
      expiresAt: t0,
      leftMs: 0,
    } as const;
    expect(toSliders([running])).toEqual({ errorRatio: 0.6, delayMs: 0 });
  });

  it('send of the long form only what belongs to the kind', () => {
    const typed: Record<string, string> = {
      name: 'mine',
      type: 'hang',
      phase: 'after',
      rate: '0.5',
      status: '503',
      ms: '800',
      jitterMs: '0',
      match: 'o-*',
      times: '3',
      ttlMs: '30',
      seed: '',
    };
    expect(toFormFault((name) => typed[name] ?? '')).toEqual({
      name: 'mine',
      fault: { type: 'hang', phase: 'after', rate: 0.5, match: 'o-*', times: 3, ttlMs: 30_000 },
    });
  });
});

describe('keys', () => {
  const pressed = {
    key: 'b',
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    repeat: false,
    inField: false,
    onControl: false,
  };

  it('ask for what the list says', () => {
    expect(['t', 'T', '1', '?', ' ', 'x'].map((key) => toShortcut({ ...pressed, key }))).toEqual([
      'traffic',
      'traffic',
      'down',
      'keys',
      'pause',
      undefined,
    ]);
  });

  it.each(['ctrlKey', 'altKey', 'metaKey', 'repeat', 'inField'] as const)(
    'are left to others with %s',
    (name) => {
      expect(toShortcut({ ...pressed, [name]: true })).toBeUndefined();
    },
  );

  it('leave the space bar to a button that has the focus', () => {
    expect(toShortcut({ ...pressed, key: ' ', onControl: true })).toBeUndefined();
    expect(toShortcut({ ...pressed, onControl: true })).toBe('break');
  });
});

describe('settings', () => {
  const typed = Object.fromEntries(
    Object.entries(breakerDefaults).map(([name, value]) => [name, String(value)]),
  ) as Record<keyof typeof breakerDefaults, string>;

  it('send only what was changed', () => {
    expect(toChangedSettings({ ...typed, minCalls: '10' }, breakerDefaults)).toEqual({ minCalls: 10 });
  });

  it('send an empty field too, so that the service can say what it must be', () => {
    const changed = toChangedSettings({ ...typed, openMs: ' ' }, breakerDefaults);
    expect(JSON.stringify(changed)).toBe('{"openMs":null}');
  });
});

describe('messages', () => {
  it('stay for ten seconds; the same one again stays longer and is not doubled', () => {
    const say = (at: number) => ({ type: 'toasted', kind: 'failed', text: 'payment is away.', at }) as const;
    const page = reducePage(reducePage(createPage(), say(0)), say(5_000));
    expect(page.toasts.map(({ text }) => text)).toEqual(['payment is away.']);
    expect(reducePage(page, { type: 'passed', at: toastMs }).toasts).toHaveLength(1);
    expect(reducePage(page, { type: 'passed', at: 5_000 + toastMs }).toasts).toEqual([]);
  });
});

describe('words', () => {
  it('of the terminal keep everything but the picture and the columns', () => {
    expect(toTokens(opened())).toEqual([
      { text: 'payment→shipment ', state: null },
      { text: 'CLOSED', state: 'closed' },
      { text: ' → ', state: null },
      { text: 'OPEN', state: 'open' },
      { text: ' 3/5 failed (60% > 50%) · probe in 10 s', state: null },
    ]);
  });

  it('of the terminal are drawn from the facts, whatever a name or an error says', () => {
    const entry = { ...opened({ name: '● CLOSED→○ OPEN', to: 'forced_open', why: 'forced by hand' }) };
    expect(toTokens(entry)).toEqual([
      { text: '● CLOSED→○ OPEN ', state: null },
      { text: 'CLOSED', state: 'closed' },
      { text: ' → ', state: null },
      { text: 'FORCED-OPEN', state: 'forced_open' },
      { text: ' forced by hand', state: null },
    ]);
    expect(toTokens(rejections)).toEqual([
      { text: 'payment→shipment ', state: null },
      { text: 'OPEN', state: 'open' },
      { text: ' rejected 14 in 1 s', state: null },
    ]);
  });

  it('spoken say each way into each state', () => {
    const say = (change: Parameters<typeof opened>[0]) =>
      toSentence(opened(change))?.replace('The breaker payment to shipment ', '');
    expect([
      say({ reason: 'probe-timeout', failedProbes: 1, probeAt: t0 + 18_700 }),
      say({ from: 'open', to: 'half_open', reason: 'open-time-over' }),
      say({ from: 'half_open', to: 'closed', reason: 'probe-ok', probeMs: 41 }),
      say({ from: 'forced_open', to: 'closed', reason: 'released' }),
      say({ to: 'forced_open', reason: 'forced', until: t0 + 60_000 }),
      say({ to: 'disabled', reason: 'forced', until: null }),
    ]).toEqual([
      'opened again: its probe timed out. Probe in 19 s.',
      'is half-open: the next call is the probe.',
      'closed: its probe succeeded after 41 ms.',
      'closed: it was released by hand.',
      'is held open by hand. For 60 s at most.',
      'is bypassed by hand and lets every call pass.',
    ]);
  });
});
