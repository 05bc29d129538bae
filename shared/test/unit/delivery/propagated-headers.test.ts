/** What may travel along the chain: of a known form, and never longer than a receiver has room for. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  parsePropagatedHeaders,
  parseVia,
  toPropagatedHeaders,
} from '../../../src/delivery/propagated-headers.ts';

const brought = (headers: Record<string, string>) =>
  parsePropagatedHeaders(Object.assign(new IncomingMessage(new Socket()), { headers }));
const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${parentId}-01`;

describe('traceparent', () => {
  it('is passed on as it came, and one of a later version as one of ours', () => {
    expect(brought({ traceparent }).traceparent).toBe(traceparent);
    expect(brought({ traceparent: `cc-${traceId}-${parentId}-01-${'x'.repeat(9000)}` }).traceparent).toBe(
      traceparent,
    );
  });

  it.each([
    'rubbish',
    `${traceparent}-more`,
    `${traceparent}, ${traceparent}`,
    `ff-${traceId}-${parentId}-01`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${traceId}-${parentId}`,
  ])('is dropped, so that a fresh one begins: %s', (header) => {
    expect(brought({ traceparent: header }).traceparent).toBeUndefined();
  });
});

describe('tracestate', () => {
  it.each([
    'vendor=value',
    'vendor=value, tenant@vendor=a b/c:d',
    '1a-_*/=!~, ,b=',
    `a=${'b'.repeat(250)},c=${'d'.repeat(250)}`,
  ])('is passed on: %s', (tracestate) => {
    expect(brought({ tracestate }).tracestate).toBe(tracestate);
  });

  it.each(['no member', 'UPPER=1', 'a=b=c', 'a=é', `a=${'b'.repeat(300)}`, `${'a=b,'.repeat(128)}a=b`])(
    'is dropped: %s',
    (tracestate) => {
      expect(brought({ tracestate }).tracestate).toBeUndefined();
    },
  );

  it('goes nowhere without a traceparent', () => {
    const journey = { requestId: 'r', via: [], service: 'here', tracestate: 'a=b' };
    expect(toPropagatedHeaders(journey)).toEqual({ 'X-Request-Id': 'r', Via: '1.1 here' });
  });
});

describe('Via', () => {
  it('names services, and passes over whoever has a name of another form', () => {
    expect(
      parseVia('1.1 order, HTTP/2 vault, 1.1 proxy.example:8080 (old; one), nobody, ,1.1 UPPER'),
    ).toEqual(['order', 'vault']);
    expect(parseVia(`1.1 ${'a'.repeat(33)}, 1.1 ${'a'.repeat(32)}`)).toEqual(['a'.repeat(32)]);
    expect(parseVia(undefined)).toEqual([]);
  });

  it('keeps the last 64, and so does what was kept before there was a bound', () => {
    const names = Array.from({ length: 100 }, (_, n) => `s${n}`);
    expect(parseVia(names.map((name) => `1.1 ${name}`).join(','))).toEqual(names.slice(36));
    const { Via } = toPropagatedHeaders({
      requestId: 'r',
      via: ['x'.repeat(9000), ...names],
      service: 'here',
    });
    expect(Via).toBe([...names.slice(37), 'here'].map((name) => `1.1 ${name}`).join(', '));
  });
});
