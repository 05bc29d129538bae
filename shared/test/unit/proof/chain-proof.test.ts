/** The proofs by which hops know each other: what they cover, and what they never show. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  createGivenKeys,
  createKey,
  pickSigning,
  rotate,
  toKeyObject,
} from '../../../src/proof/chain-keys.ts';
import {
  type Claim,
  isSameProof,
  proveAnswer,
  proveClaim,
  toDigest,
} from '../../../src/proof/chain-proof.ts';

const key = toKeyObject('0123456789abcdef');
const claim: Claim = { parent: 'o-1', part: 'thing', count: '1', retrying: '1', digest: toDigest('{}') };
const given = { request: proveClaim(key, claim), status: 200, text: '{"id":"o-1"}' };

describe('the proof of a request', () => {
  it.each([
    ['parent', { parent: 'o-2' }],
    ['kind', { part: 'other' }],
    ['number', { count: '5' }],
    ['promise to try again', { retrying: '' }],
    ['body', { digest: toDigest('{} ') }],
  ])('fits no other %s', (_what, change) => {
    expect(proveClaim(key, { ...claim, ...change })).not.toBe(proveClaim(key, claim));
  });

  it('fits no other key', () => {
    expect(proveClaim(toKeyObject('0123456789abcdeF'), claim)).not.toBe(proveClaim(key, claim));
  });

  it('fits no fields that only look the same side by side', () => {
    const shifted = { ...claim, parent: 'o-1"', part: ',"thing' };
    expect(proveClaim(key, shifted)).not.toBe(proveClaim(key, { ...claim, parent: 'o-1","', part: 'thing' }));
  });
});

describe('the proof of an answer', () => {
  it.each([
    ['request', { request: 'ab'.repeat(32) }],
    ['status', { status: 202 }],
    ['text', { text: '{"id":"o-2"}' }],
  ])('fits no other %s', (_what, change) => {
    expect(proveAnswer(key, { ...given, ...change })).not.toBe(proveAnswer(key, given));
  });
});

describe('a proof that was sent', () => {
  const due = proveClaim(key, claim);

  it('is the same or is not', () => {
    expect(isSameProof(due, due)).toBe(true);
    expect(isSameProof('ab'.repeat(32), due)).toBe(false);
  });

  it.each([undefined, '', 'x', due.toUpperCase(), `${due}0`, `${due.slice(0, -1)}é`])('may be %s', (sent) => {
    expect(isSameProof(sent, due)).toBe(false);
  });
});

describe('the digest of a body', () => {
  it('is written as RFC 9530 has it', () => {
    expect(toDigest('{"hello": "world"}')).toBe('sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:');
  });
});

describe('keys', () => {
  const minute = 60_000;
  const kept = (key_: string, from: number) => ({ key: key_, from: new Date(from) });

  it('are random and long', () => {
    const [one, other] = [createKey(new Date()), createKey(new Date())];
    expect(one.key).toMatch(/^[\w-]{43}$/);
    expect(one.key).not.toBe(other.key);
  });

  it('print nothing of themselves', () => {
    const keys = createGivenKeys('hidden-0123456789');
    expect(inspect(keys.accepted(), { depth: 9, showHidden: true })).not.toContain('hidden');
    expect(JSON.stringify(keys.accepted())).not.toContain('hidden');
  });

  it('that are given sign with the first, and all are believed', () => {
    const keys = createGivenKeys('first-0123456789,second-0123456789');
    expect(keys.signing().equals(toKeyObject('first-0123456789'))).toBe(true);
    expect(keys.accepted().map((one) => one.equals(toKeyObject('second-0123456789')))).toEqual([false, true]);
  });

  it('sign when their time has come, and to a clock that is far behind the oldest does', () => {
    const keys = [kept('a', 0), kept('b', 100)];
    expect([-1, 0, 99, 100].map((now) => pickSigning(keys, now).key)).toEqual(['a', 'a', 'a', 'b']);
  });

  it('that are not loaded do not sign', () => {
    expect(() => pickSigning([], 0)).toThrow('the keys of the chain are not loaded');
  });

  it('get a new one that signs in a minute, and lose those that were replaced ten minutes ago', () => {
    const [first] = rotate([kept('a', 0)], new Date(30 * minute)).slice(-1);
    expect(first?.from).toEqual(new Date(31 * minute));
    const names = (keys: readonly { key: string }[], at: number) =>
      rotate(keys.map((one) => one) as never, new Date(at * minute))
        .slice(0, -1)
        .map(({ key: name }) => name);
    const keys = [kept('a', 0), kept('b', 10 * minute)];
    expect(names(keys, 19)).toEqual(['a', 'b']);
    expect(names(keys, 20)).toEqual(['b']);
    expect(names([kept('a', 5 * minute)], 0)).toEqual(['a']);
  });
});
