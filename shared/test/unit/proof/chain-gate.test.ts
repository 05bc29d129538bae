/** The number of a hop in an address, as the gate proves it and the create request reads it. */
import { describe, expect, it } from 'vitest';
import { readCount } from '../../../src/proof/chain-gate.ts';

describe('the number of a hop', () => {
  it.each([
    ['/create', undefined],
    ['/create?', undefined],
    ['/create?other=1', undefined],
    ['/create?count=2', '2'],
    ['/create?count=', ''],
    ['/create?a=b&count=2', '2'],
    ['/create?count=2&a=b', '2'],
    ['/create?count=%32', '2'],
    ['/create?a=?count=2', undefined],
    ['/create?count=2?count=3', '2?count=3'],
    ['/create?count=2&count=3', '2,3'],
    ['/create?Count=2', undefined],
  ])('of %s is %s', (url, count) => {
    expect(readCount(url)).toBe(count);
  });
});
