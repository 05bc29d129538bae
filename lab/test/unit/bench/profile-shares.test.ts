/** A CPU profile as shares: only the window counts, idle time does not, and every function has a home. */
import { describe, expect, it } from 'vitest';
import { toGroup, toShares } from '../../../bench/profile-shares.ts';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });

describe('a function is from', () => {
  it.each([
    ['its package', frame('f', 'file:///app/node_modules/axios/lib/core.js'), 'axios'],
    ['its scoped package', frame('f', 'file:///app/node_modules/@scope/kit/a.js'), '@scope/kit'],
    [
      'the innermost package',
      frame('f', 'file:///app/node_modules/mongoose/node_modules/mongodb/a.js'),
      'mongodb',
    ],
    ['node', frame('f', 'node:internal/streams/writable'), 'node'],
    ['our own files', frame('f', 'file:///app/shared/src/delivery/hop.ts'), 'our own files'],
    ['the collector', frame('(garbage collector)'), 'garbage collector'],
    ['outside JavaScript', frame('(program)'), 'native, outside JavaScript'],
    ['below JavaScript', frame('writev'), 'native, called from JavaScript'],
  ])('%s', (_what, callFrame, group) => {
    expect(toGroup(callFrame)).toBe(group);
  });
});

describe('the shares', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('post', 'file:///app/node_modules/axios/a.js', 9) },
      { id: 3, callFrame: frame('create', 'file:///app/shared/src/delivery/hop.ts', 4) },
    ],
    startTime: 1000,
    samples: [3, 1, 2, 3, 2, 3],
    timeDeltas: [100, 100, 300, 100, 100, 900],
  };

  it('leave out idle time and what is outside the window', () => {
    expect(toShares(profile, { from: 1150, to: 1900 })).toEqual({
      busyRatio: 500 / 600,
      groups: [
        { group: 'axios', ratio: 0.8 },
        { group: 'our own files', ratio: 0.2 },
      ],
      functions: [
        { name: 'post', group: 'axios', place: 'a.js:10', ratio: 0.8 },
        { name: 'create', group: 'our own files', place: 'hop.ts:5', ratio: 0.2 },
      ],
    });
  });
});
