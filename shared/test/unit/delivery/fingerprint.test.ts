/** The fingerprint of a document: records are compared by it with those that older releases have stored. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import stringify from 'safe-stable-stringify';
import { describe, expect, it } from 'vitest';
import type { Body } from '../../../src/core/resource.ts';
import { fingerprint } from '../../../src/delivery/record.ts';

describe('a fingerprint', () => {
  it('is the one that was always stored', () => {
    expect(fingerprint({ id: 'a', items: [1, { b: null, a: 'é' }] }, null)).toBe(
      '836916e0e430acfb0d1305e641842d367253dffad2d7a09b3fa91f990e5f0281',
    );
  });

  it('is SHA-256 over the canonical JSON, whatever the content', () => {
    const words = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\0', '10', '9'));
    const content = fc.dictionary(words, fc.jsonValue());
    fc.assert(
      fc.property(content, fc.option(fc.string()), (fields, parent) => {
        const body: Body = { ...fields, id: 'a' };
        const text = stringify([parent, body]) ?? '';
        expect(fingerprint(body, parent)).toBe(createHash('sha256').update(text).digest('hex'));
      }),
    );
  });

  it('does not depend on the sequence of fields', () => {
    expect(fingerprint({ id: 'a', x: 1, y: { b: 1, a: 2 } }, 'p')).toBe(
      fingerprint({ y: { a: 2, b: 1 }, x: 1, id: 'a' }, 'p'),
    );
  });
});
