/** The flags of the benchmark: bounded, and this machine only. */
import { UsageError } from '@holdfast/shared/core/command-options.ts';
import { describe, expect, it } from 'vitest';
import { parseBenchSettings } from '../../../bench/settings.ts';

describe('the settings of a benchmark', () => {
  it('are a short comparison when nothing is said', () => {
    expect(parseBenchSettings([])).toEqual({
      clients: [1, 8, 64],
      rate: undefined,
      seconds: 5,
      warmup: 2,
      rounds: 3,
      seed: 1,
      arms: ['chain', 'original', 'floor', 'moleculer'],
      mongo: undefined,
      json: undefined,
      profile: false,
    });
  });

  it.each([
    [['--seconds', '61'], '--seconds 61 is not legal: it must be a whole number from 1 to 60.'],
    [['--clients', '1,5000'], '--clients 5000 is not legal: it must be a whole number from 1 to 1024.'],
    [['--rate', '0'], '--rate 0 is not legal: it must be a whole number from 1 to 5000.'],
    [['--rounds', 'many'], '--rounds many is not legal: it must be a whole number from 1 to 20.'],
    [
      ['--arms', 'chain,nginx'],
      '--arms knows chain, chain-quiet, watched, original, original-node-16, floor, moleculer, moleculer-3, not "nginx".',
    ],
    [
      ['--mongo', 'mongodb://db.example.org'],
      '--mongo mongodb://db.example.org is not legal: it must be a mongodb:// URL of one server on this machine.',
    ],
    [
      ['--mongo', 'mongodb://127.0.0.1,db.example.org'],
      '--mongo mongodb://127.0.0.1,db.example.org is not legal: it must be a mongodb:// URL of one server on this machine.',
    ],
  ])('refuse %j', (args, message) => {
    expect(() => parseBenchSettings(args)).toThrow(new UsageError(message));
  });

  it('refuse a flag that nobody knows', () => {
    expect(() => parseBenchSettings(['--fast'])).toThrow(UsageError);
  });

  it.each([
    'mongodb://127.0.0.1:27017',
    'mongodb://localhost/?directConnection=true',
    'mongodb://[::1]:1/name',
  ])('take %s', (mongo) => {
    expect(parseBenchSettings(['--mongo', mongo]).mongo).toBe(mongo);
  });
});
