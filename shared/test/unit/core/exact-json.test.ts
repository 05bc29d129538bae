import { expect, it } from 'vitest';
import { markInexact } from '../../../src/core/exact-json.ts';

const parse = (text: string) => markInexact(text, JSON.parse(text));

it.each([
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '12345678901234567890',
  '9007199254740993.0',
  '9007199254740993e0',
  '90071992547409930000e-4',
  '0.1234567890123456789',
  '1.00000000000000000001',
  '12.500000000000000001',
  '1e-400',
])('%s would be rounded', (text) => {
  expect(parse(text)).toBeNaN();
});

it.each([
  ['9007199254740991', 9_007_199_254_740_991],
  ['-9007199254740991', -9_007_199_254_740_991],
  ['0.30000000000000004', 0.300_000_000_000_000_04],
  ['0.10000000000000001', 0.1],
  ['12.5000000000000000000000', 12.5],
  ['0.00000000000000000000', 0],
  ['1e20', 1e20],
  ['6.02214076e23', 6.022_140_76e23],
  ['5e-324', 5e-324],
  ['1e-100', 1e-100],
])('%s is kept as %s', (text, value) => {
  expect(parse(text)).toBe(value);
});

it('looks at numbers only, wherever they stand, and leaves the rest as it was', () => {
  const text =
    '{"id":"9007199254740993","__proto__":{"a":1},"n":[1,{"x":9007199254740993}],"t":"12345678901234567890"}';
  const marked = parse(text) as { n: [number, { x: number }] };
  expect(marked.n[1].x).toBeNaN();
  expect(JSON.stringify(marked)).toBe(text.replace('"x":9007199254740993', '"x":null'));
});
