/** `Retry-After` in every form of HTTP, and as nobody should send it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseRetryAfter } from '../../../src/resilience/retry-after.ts';

const now = Date.UTC(1994, 10, 6, 8, 49, 0);
const read = (headers: Record<string, string>) =>
  parseRetryAfter({ status: 503, text: '', header: (name) => headers[name] }, () => now);

afterEach(() => void vi.unstubAllEnvs());

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['3', 3000],
    [' 3 ', 3000],
    ['60', 60_000],
    ['61', 60_000],
    ['999999999999999999999999', 60_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['Sun Nov  6 08:49:37 1994', 37_000],
    ['Mon, 07 Nov 1994 08:49:37 GMT', 60_000],
  ])('%s is %i ms', (value, ms) => {
    expect(read({ 'retry-after': value })).toBe(ms);
  });

  it.each([
    '-1',
    '1.5',
    '1e3',
    'soon',
    '',
    '1994-11-06T08:49:37Z',
    '06 Sun Nov 1994 08:49:37 GMT',
    'Sun, 99 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:48:59 GMT',
  ])('"%s" counts as absent', (value) => {
    expect(read({ 'retry-after': value })).toBeUndefined();
  });

  it('is a time in Greenwich, wherever we are', () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    expect(new Date(now).getHours()).toBe(17);
    expect(read({ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' })).toBe(37_000);
    expect(read({ 'retry-after': 'Sun Nov  6 08:49:37 1994' })).toBe(37_000);
  });

  it('counts from the time of the neighbour when it says so, whatever our clock says', () => {
    const headers = { date: 'Tue, 21 Nov 2034 10:00:00 GMT', 'retry-after': 'Tue, 21 Nov 2034 10:00:05 GMT' };
    expect(read(headers)).toBe(5000);
  });
});
