/** Which run of chaos a command line means, and what no run has. */
import { expect, it } from 'vitest';
import { readChaosPlan } from '../../../chaos/settings.ts';

it('chooses the run, its length and its rate', () => {
  const usual = { seed: 1, slow: 'nobody', connections: 'kept' };
  expect(readChaosPlan([])).toEqual({ ...usual, kind: 'kills', seconds: 60, rate: 40 });
  expect(readChaosPlan(['--slow-database', '--seconds', '9'])).toMatchObject({ seconds: 9, rate: 5 });
  expect(readChaosPlan(['--soak'])).toMatchObject({ kind: 'soak', seconds: 300, rate: 40 });
  expect(readChaosPlan(['--overload', '--slow', 'database', '--connections', 'new'])).toMatchObject({
    ...{ kind: 'overload', seconds: 8, slow: 'database', connections: 'new' },
  });
});

it.each([
  [['--slow', 'database'], '--slow needs --overload: the other runs do not have it.'],
  [['--soak', '--connections', 'kept'], '--connections needs --overload: the other runs do not have it.'],
  [['--soak', '--overload'], '--overload and --soak are two runs: choose one.'],
  [
    ['--overload', '--rate', '9'],
    '--rate and --overload do not go together: an overload sends ten times what the chain can carry.',
  ],
])('%j is refused with a sentence, since the run would ignore it', (args, sentence) => {
  expect(() => readChaosPlan(args)).toThrow(sentence);
});
