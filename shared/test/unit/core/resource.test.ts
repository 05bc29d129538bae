/** What an id is: once for the schema, which says what is wrong, and once for the code that only asks. */
import { describe, expect, it } from 'vitest';
import { hasId, id, isId } from '../../../src/core/resource.ts';

describe('an id', () => {
  it.each(['a', 'A-1.b_c:d', '...', 'x'.repeat(64), '..a'])('may be "%s"', (text) => {
    expect([isId(text), id.safeParse(text).success, hasId({ id: text })]).toEqual([true, true, true]);
  });

  it.each(['', '.', '..', 'x'.repeat(65), 'a b', 'a\n', 'a@b', 'é', '\ud800', 1, null, undefined])(
    'cannot be %j',
    (value) => {
      expect([isId(value), id.safeParse(value).success, hasId({ id: value })]).toEqual([false, false, false]);
    },
  );
});
