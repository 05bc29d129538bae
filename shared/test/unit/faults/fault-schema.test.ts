/** What may be asked for, and what a mistake is told. */
import { describe, expect, it } from 'vitest';
import { InvalidError } from '../../../src/core/errors.ts';
import { parseFault, parseNamedFault } from '../../../src/faults/fault-schema.ts';

describe('a fault', () => {
  it('needs no more than its type', () => {
    expect(parseFault({ type: 'error' })).toEqual({
      type: 'error',
      phase: 'before',
      rate: 1,
      status: 503,
      ms: 800,
      jitterMs: 0,
      match: null,
      times: null,
      seed: null,
      ttlMs: 60_000,
    });
  });

  it.each([
    { type: 'error', phase: 'after', rate: 0.6, status: 400, match: 'a*', times: 1, seed: 0, ttlMs: 1 },
    { type: 'error', status: 599, match: '.:_-*Az09', times: 1_000_000, seed: 4_294_967_295 },
    { type: 'latency', ms: 1, jitterMs: 0, ttlMs: 600_000 },
    { type: 'latency', ms: 60_000, jitterMs: 60_000 },
    { type: 'hang', rate: 1, match: null, times: null, seed: null },
    { type: 'reset', phase: 'before', rate: Number.MIN_VALUE },
    { type: 'crash', phase: 'after' },
    { type: 'unready', ttlMs: 5000 },
  ])('may be %j', (body) => {
    expect(parseFault(body)).toMatchObject(body);
  });
});

describe('a fault that may not be', () => {
  const type = 'Must be error, latency, hang, reset, crash or unready.';
  const object = 'Must be an object with a type.';
  const rate = 'Must be a number above 0, at most 1.';
  const match = 'Must be 1 to 64 letters, digits, dots, underscores, colons, dashes or asterisks.';
  const whole = (min: number, max: number) => `Must be a whole number from ${min} to ${max}.`;
  it.each<[unknown, Record<string, string>]>([
    [null, { '': object }],
    [[], { '': object }],
    ['error', { '': object }],
    [{}, { '/type': type }],
    [{ type: 'slow' }, { '/type': type }],
    [{ type: 'error', status: 399 }, { '/status': whole(400, 599) }],
    [{ type: 'error', status: 600 }, { '/status': whole(400, 599) }],
    [{ type: 'error', status: 500.5 }, { '/status': whole(400, 599) }],
    [{ type: 'error', status: '503' }, { '/status': whole(400, 599) }],
    [{ type: 'error', rate: 0 }, { '/rate': rate }],
    [{ type: 'error', rate: 1.01 }, { '/rate': rate }],
    [{ type: 'error', rate: '60%' }, { '/rate': rate }],
    [{ type: 'error', phase: 'during' }, { '/phase': 'Must be before or after.' }],
    [{ type: 'error', match: '' }, { '/match': match }],
    [{ type: 'error', match: 'a b' }, { '/match': match }],
    [{ type: 'error', match: '*'.repeat(65) }, { '/match': match }],
    [{ type: 'error', times: 0 }, { '/times': whole(1, 1_000_000) }],
    [{ type: 'error', seed: -1 }, { '/seed': whole(0, 4_294_967_295) }],
    [{ type: 'error', ttlMs: 600_001 }, { '/ttlMs': whole(1, 600_000) }],
    [{ type: 'latency', ms: 0 }, { '/ms': whole(1, 60_000) }],
    [{ type: 'latency', jitterMs: 60_001 }, { '/jitterMs': whole(0, 60_000) }],
    [{ type: 'latency', status: 503 }, { '/status': 'Does not belong to a fault of type "latency".' }],
    [{ type: 'hang', ms: 800 }, { '/ms': 'Does not belong to a fault of type "hang".' }],
    [{ type: 'unready', rate: 0.5 }, { '/rate': 'Does not belong to a fault of type "unready".' }],
    [{ type: 'error', 'a/b~': 1 }, { '/a~1b~0': 'Is no member of a fault.' }],
    [JSON.parse('{"type": "reset", "__proto__": {}}'), { '/__proto__': 'Is no member of a fault.' }],
    [
      { type: 'error', status: 1, rate: 2, ms: 3 },
      {
        '/status': whole(400, 599),
        '/rate': rate,
        '/ms': 'Does not belong to a fault of type "error".',
      },
    ],
  ])('%j', (body, expected) => {
    expect(faultsOf(() => parseFault(body))).toEqual(expected);
  });

  it('is told in one sentence', () => {
    expect(() => parseFault({ type: 'error', status: 1 })).toThrow(
      'The fault is invalid at "/status": Must be a whole number from 400 to 599.',
    );
    expect(() => parseFault([])).toThrow('The fault is invalid: Must be an object with a type.');
    expect(() => parseFault({ type: 'error', status: 1, rate: 2 })).toThrow(
      'The fault is invalid at "/status" and 1 more: ',
    );
  });
});

describe('the name of a fault', () => {
  it.each(['a', '0', 'inject-err', `a${'-'.repeat(39)}`])('may be %s', (name) => {
    expect(parseNamedFault(name, { type: 'error' })).toMatchObject({ type: 'error' });
  });

  it.each(['', '-a', 'A', 'a b', 'ä', 'a'.repeat(41), '__proto__'])('may not be "%s"', (name) => {
    expect(faultsOf(() => parseNamedFault(name, { type: 'error' }))).toEqual({
      '/name': 'Must be 1 to 40 small letters, digits or dashes, and begin with no dash.',
    });
  });
});

function faultsOf(parse: () => unknown): Record<string, string> {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    return Object.fromEntries(error.fieldErrors.map(({ pointer, detail }) => [pointer, detail]));
  }
  return {};
}
