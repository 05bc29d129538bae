/** Bounds on patterns, on held memory and on bytes in flight. */
import { describe, expect, it } from 'vitest';
import { evaluate, MAX_ELEMENTS } from '../../src/expression/operators.ts';
import { MAX_PATTERN, MAX_PATTERN_MS, MAX_PATTERN_STEPS, toPattern } from '../../src/query/regex.ts';
import { MAX_HELD_BYTES, MAX_HELD_IN_ALL_BYTES, Memory } from '../../src/store/memory.ts';
import { type Carrier, Traffic } from '../../src/wire/traffic.ts';

const code = (number: number) => expect.objectContaining({ code: number });

describe('a pattern', () => {
  it('that would go back for years is answered at once', () => {
    const text = `${'a'.repeat(100_000)}!`;
    for (const source of ['^(a+)+$', '^(a|aa)+$', '(a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$', '(x+x+)+y'])
      expect([source, toPattern(source, '').test(text)]).toEqual([source, false]);
  });

  it('finds what MongoDB finds, with its options', () => {
    const finds = (source: string, flags: string, text: string) => toPattern(source, flags).test(text);
    expect(finds('^hel', 'i', 'HELLO')).toBe(true);
    expect(finds('^b$', 'm', 'a\nb')).toBe(true);
    expect(finds('^b$', '', 'a\nb')).toBe(false);
    expect(finds('a.b', 's', 'a\nb')).toBe(true);
    expect(finds('a.b', '', 'a\nb')).toBe(false);
    expect(finds('^\\p{L}+\\/\\d{2}$', 'u', 'Öl/42')).toBe(true);
  });

  it('that needs to go back, is no pattern, or is too long is refused', () => {
    for (const source of ['(?=a)b', '(a)\\1', '(', '(a{1,1000}){1,1000}', 'a'.repeat(MAX_PATTERN + 1)])
      expect(() => toPattern(source, '')).toThrow(code(2));
    expect(() => toPattern('a', 'x')).toThrow(code(2));
  });

  it('is not matched with a text that is too long for it', () => {
    const pattern = toPattern('(a|b)*a(a|b){900}c', '');
    expect(pattern.test('ab'.repeat(50))).toBe(false);
    expect(() => pattern.test('a'.repeat(MAX_PATTERN_STEPS / 900))).toThrow(code(96));
  });

  it('has a time for all texts of a command together', () => {
    let now = 0;
    const pattern = toPattern('a', '', () => (now += MAX_PATTERN_MS / 4));
    for (let at = 0; at < 4; at++) pattern.test('a');
    expect(() => pattern.test('a')).toThrow(code(96));
  });
});

describe('held memory', () => {
  it('is bounded for one piece of work, and given back', () => {
    const memory = new Memory();
    const held = memory.open();
    held.add(MAX_HELD_BYTES / 2);
    expect(() => held.add(MAX_HELD_BYTES / 2)).toThrow(code(292));
    held.end();
    expect(memory.held).toBe(0);
    held.end();
    expect(memory.held).toBe(0);
  });

  it('is bounded in all', () => {
    const memory = new Memory();
    const fill = () => memory.open().add(MAX_HELD_BYTES - 1000);
    for (let left = MAX_HELD_IN_ALL_BYTES; left > MAX_HELD_BYTES; left -= MAX_HELD_BYTES) fill();
    expect(fill).toThrow(code(292));
  });
});

describe('an expression', () => {
  it.each([
    ['a range', { $range: [0, 1e9] }],
    ['a range downwards', { $range: [1e9, 0, -1] }],
    [
      'operators in operators',
      {
        $map: {
          input: { $range: [0, MAX_ELEMENTS - 1] },
          in: { $size: [{ $range: [0, 1] }] },
        },
      },
    ],
    [
      'a string that doubles',
      {
        $reduce: {
          input: { $range: [0, 60] },
          initialValue: 'abcd',
          in: { $concat: ['$$value', '$$value'] },
        },
      },
    ],
    [
      'an array that doubles',
      {
        $reduce: {
          input: { $range: [0, 60] },
          initialValue: [1],
          in: { $concatArrays: ['$$value', '$$value'] },
        },
      },
    ],
  ])('that grows without bound is refused: %s', (_what, expression) => {
    expect(() => evaluate({}, expression)).toThrow(code(96));
  });
});

describe('bytes in flight', () => {
  const carrying = (bytes: number): Carrier & { readonly closed: string[] } => {
    const closed: string[] = [];
    return { closed, inFlight: () => bytes, disconnect: (reason) => void closed.push(reason) };
  };

  it('beyond the bound close who holds most, and nobody else', () => {
    const traffic = new Traffic({ maxBytes: 100 });
    const [small, large, larger] = [carrying(10), carrying(50), carrying(60)] as const;
    for (const carrier of [small, large]) traffic.add(carrier);
    traffic.limit();
    traffic.add(larger);
    traffic.limit();
    expect([small.closed.length, large.closed.length, larger.closed.length]).toEqual([0, 0, 1]);
    traffic.remove(larger);
    traffic.limit();
    expect([small.closed.length, large.closed.length]).toEqual([0, 0]);
  });
});
