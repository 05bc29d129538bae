/** The strip of states, and what is not known in it. */
import { describe, expect, it } from 'vitest';
import { type Change, type StripOptions, toSegments } from '../../../dashboard/model/state-strip.ts';
import type { LabSample } from '../../../server/wire.ts';
import { sample } from './samples.ts';

const name = 'payment/127.0.0.1:3001/payment→shipment';

/** One sample a second: `c` closed, `o` open, `h` half-open, `.` not heard, a space where there is no sample at all. */
function heard(states: string): LabSample[] {
  const words = { c: 'closed', o: 'open', h: 'half_open' } as const;
  return [...states].flatMap((letter, second) => {
    if (letter === ' ') return [];
    const state = words[letter as 'c'];
    return [sample(second * 1_000, state === undefined ? null : { state })];
  });
}

function change(at: number, from: Change['from'], to: Change['to']): Change {
  return { at: at * 1_000, from, to };
}

function strip(states: string, options: Partial<StripOptions> = {}): string[] {
  const to = states.length * 1_000;
  const calm = { samples: heard(states), name, changes: [], heardUntil: to, from: 0, to };
  return toSegments({ ...calm, ...options }).map(
    ({ from, to, state }) => `${from / 1_000}-${to / 1_000} ${state}`,
  );
}

describe('the strip', () => {
  it('is one piece while nothing changes', () => {
    expect(strip('cccccc')).toEqual(['0-6 closed']);
  });

  it('changes exactly when a transition says so, before and after a sample knows it', () => {
    const opened = [change(2.5, 'closed', 'open')];
    expect(strip('cccooo', { changes: opened })).toEqual(['0-2.5 closed', '2.5-6 open']);
    expect(strip('ccoooo', { changes: opened })).toEqual(['0-2.5 closed', '2.5-6 open']);
  });

  it('shows a probe that was shorter than a second', () => {
    const changes = [
      change(1.2, 'closed', 'open'),
      change(3.4, 'open', 'half_open'),
      change(3.5, 'half_open', 'closed'),
    ];
    expect(strip('ccoocc', { changes })).toEqual([
      '0-1.2 closed',
      '1.2-3.4 open',
      '3.4-3.5 half_open',
      '3.5-6 closed',
    ]);
  });

  it('follows a transition at once, though its sample comes with the next second', () => {
    expect(strip('cccc', { changes: [change(3.2, 'closed', 'open')], heardUntil: 4_700, to: 4_700 })).toEqual(
      ['0-3.2 closed', '3.2-4.7 open'],
    );
  });

  it('keeps what was known before a restart, which changes the state without a transition', () => {
    expect(strip('cco..cccc', { changes: [change(1.5, 'closed', 'open')] })).toEqual([
      '0-1.5 closed',
      '1.5-3 open',
      '3-5 no_data',
      '5-9 closed',
    ]);
  });

  it('keeps what was known when a reset makes the state begin anew', () => {
    expect(strip('cccccc', { changes: [change(3, 'closed', 'closed')] })).toEqual(['0-6 closed']);
  });

  it('has no data only where its service was not heard', () => {
    expect(strip('c.c', { heardUntil: 3_000 })).toEqual(['0-1 closed', '1-2 no_data', '2-3 closed']);
    expect(strip('..cc')).toEqual(['0-2 no_data', '2-4 closed']);
    expect(strip('cc    ', { heardUntil: 0 })).toEqual(['0-2 closed', '2-6 no_data']);
  });

  it('bridges one second that the lab itself left out, and no more', () => {
    expect(strip('c cc')).toEqual(['0-4 closed']);
    expect(strip('c   cc')).toEqual(['0-1 closed', '1-4 no_data', '4-6 closed']);
  });

  it('of half an hour that changes all the time has a bounded number of pieces, and shows the worst of each', () => {
    const states = 'coh'.repeat(600);
    const pieces = strip(states);
    expect(pieces.length).toBeLessThan(200);
    expect(pieces.some((piece) => piece.endsWith('open'))).toBe(true);
  });
});
