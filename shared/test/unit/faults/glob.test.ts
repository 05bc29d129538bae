/** Which documents a fault means. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMatcher } from '../../../src/faults/glob.ts';

it.each([
  ['abc', 'abc', true],
  ['abc', 'abcd', false],
  ['a*', 'a', true],
  ['a*', 'ba', false],
  ['*c', 'abc', true],
  ['*c', 'cb', false],
  ['a*c', 'ac', true],
  ['a*a', 'a', false],
  ['ab*ba', 'aba', false],
  ['*b*', 'abc', true],
  ['*b*', 'ac', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*bb*bc', 'a-bbc', false],
  ['*', 'anything', true],
  ['**', 'x', true],
  ['a.c', 'abc', false],
])('%s matches %s: %s', (pattern, id, expected) => {
  expect(createMatcher(pattern)(id)).toBe(expected);
});

it('takes every request without a pattern, and only those with an id with one', () => {
  expect([createMatcher(null)(undefined), createMatcher('*')(undefined)]).toEqual([true, false]);
});

it('agrees with a regular expression', () => {
  const letters = (more: string) =>
    fc.string({ unit: fc.constantFrom('a', 'b', '.', ...more), maxLength: 8 });
  fc.assert(
    fc.property(letters('*'), letters(''), (pattern, id) => {
      const form = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(createMatcher(pattern)(id)).toBe(form.test(id));
    }),
  );
});

it('in real time: takes no time over a pattern that is made to take long', () => {
  const startedAt = performance.now();
  expect(createMatcher(`${'a*'.repeat(31)}b`)('a'.repeat(64))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
