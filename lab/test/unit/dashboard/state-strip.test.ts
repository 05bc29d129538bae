/** The strip of states, and what is not known in it. */
import { describe, expect, it } from 'vitest';
import { type StripOptions, toSegments } from '../../../dashboard/model/state-strip.ts';

const calm: StripOptions = {
  changes: [],
  state: 'closed',
  since: -1_000,
  startedAt: -1_000,
  silences: [],
  from: 0,
  to: 60,
};

function strip(change: Partial<StripOptions>): string[] {
  return toSegments({ ...calm, ...change }).map(({ from, to, state }) => `${from}-${to} ${state}`);
}

describe('the strip', () => {
  it('is one piece while nothing changes', () => {
    expect(strip({})).toEqual(['0-60 closed']);
  });

  it('changes with each transition, and knows what was before the first', () => {
    const changes = [
      { at: 20, from: 'closed', to: 'open' },
      { at: 50, from: 'open', to: 'half_open' },
    ] as const;
    expect(strip({ changes, state: 'half_open', since: 50 })).toEqual([
      '0-20 closed',
      '20-50 open',
      '50-60 half_open',
    ]);
  });

  it('follows a transition at once, though the state comes with the next tick', () => {
    expect(strip({ changes: [{ at: 55, from: 'closed', to: 'open' }] })).toEqual([
      '0-55 closed',
      '55-60 open',
    ]);
  });

  it('does not guess what was before it was told', () => {
    expect(strip({ state: 'open', since: 40 })).toEqual(['0-40 no_data', '40-60 open']);
  });

  it('has nothing before its service began', () => {
    const changes = [{ at: 40, from: 'closed', to: 'open' }] as const;
    expect(strip({ changes, state: 'open', since: 40, startedAt: 10 })).toEqual([
      '0-10 no_data',
      '10-40 closed',
      '40-60 open',
    ]);
  });

  it('shows silences as what they are, the present one too', () => {
    const silences = [
      { from: 10, to: 20 },
      { from: 50, to: null },
    ];
    expect(strip({ silences })).toEqual(['0-10 closed', '10-20 no_data', '20-50 closed', '50-60 no_data']);
  });
});
