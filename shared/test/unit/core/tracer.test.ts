/** The headers of a trace, the tracer that is off, and what a log line knows of its request. */
import { describe, expect, it } from 'vitest';
import { noTracer, parseTraceparent, toTraceparent } from '../../../src/core/tracer.ts';
import { inScope, scopeFields } from '../../../src/observability/scope.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('is read and written as W3C Trace Context has it', () => {
    const header = `00-${traceId}-${spanId}-01`;
    expect(parseTraceparent(header)).toEqual({ traceId, spanId, flags: 1 });
    expect(toTraceparent({ traceId, spanId, flags: 1 })).toBe(header);
  });

  it('may be of a later version, with more behind it', () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-00-more`)).toEqual({ traceId, spanId, flags: 0 });
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['of the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['with no trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['with no span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['in capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['cut short', `00-${traceId}-${spanId}`],
  ])('is ignored when it is %s', (_what, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

describe('the tracer that is off', () => {
  it('hands on the very headers that came, and the answer of the work', async () => {
    const headers = { traceparent: 'as it came' };
    const seen = await noTracer.span('x', { kind: 'client', parent: headers }, async (span) =>
      span.propagate(headers),
    );
    expect(seen).toBe(headers);
    await expect(noTracer.stop()).resolves.toBeUndefined();
  });
});

describe('a scope', () => {
  it('tells logs which request they belong to, across what is waited for', async () => {
    const scope = { requestId: 'r-1', traceparent: `00-${traceId}-${spanId}-01` };
    const seen = await inScope(scope, async () => {
      await Promise.resolve();
      return scopeFields();
    });
    expect(seen).toEqual({ requestId: 'r-1', traceId });
  });

  it('says nothing outside of a request, and nothing of a trace that cannot be read', () => {
    expect(scopeFields()).toEqual({});
    expect(inScope({ requestId: 'r-2', traceparent: 'rubbish' }, () => scopeFields())).toEqual({
      requestId: 'r-2',
    });
  });
});
