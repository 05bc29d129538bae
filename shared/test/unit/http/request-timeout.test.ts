import { describe, expect, it } from 'vitest';
import { parseTimeout } from '../../../src/http/request-timeout.ts';

describe('the time of a caller', () => {
  it("is the smaller of the caller's time and our own", () => {
    expect(parseTimeout('200', 4000)).toBe(200);
    expect(parseTimeout('999999', 4000)).toBe(4000);
    expect(parseTimeout(undefined, 4000)).toBe(4000);
  });

  it.each(['', '-1', '1.5', 'soon', '1e3', '99999999999'])('refuses the header "%s"', (header) => {
    expect(() => parseTimeout(header, 4000)).toThrow('whole number of milliseconds');
    expect(() => parseTimeout(header, 4000)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  });
});
