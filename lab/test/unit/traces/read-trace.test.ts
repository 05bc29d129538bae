/** Files of every form become the same trace, and what is wrong with one is one sentence. */
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTraceHead, toTraceLine } from '../../../traces/call-line.ts';
import { type ReadTraceOptions, readTrace } from '../../../traces/read-trace.ts';
import { callOutcomes, type Trace, type TraceCall } from '../../../traces/trace.ts';
import { useTraceFiles } from '../../support/trace-files.ts';

const write = useTraceFiles();
const noon = Date.UTC(2026, 0, 15, 12);

describe('our own form', () => {
  it('is read as it was written, in the sequence of time', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(times, fc.constantFrom(...callOutcomes), async (offsets, outcome) => {
        const calls: TraceCall[] = offsets.map((offset, index) => ({
          ...{ t: noon + offset, ms: 100 + index / 8, outcome, instance: `i${index % 3}` },
          ...(index % 4 === 3 ? { retry: true } : {}),
        }));
        const trace = await readTrace(write(calls.map(toTraceLine).join('')));
        expect(toCalls(trace)).toEqual(calls.toSorted((a, b) => a.t - b.t));
        expect(trace.broken.count).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('says in its first line what is known of all calls', async () => {
    const facts = { hop: 'front→back', recordedBy: 'lab', attemptTimeoutMs: 1500 };
    const trace = await readTrace(write(toTraceHead(facts) + toTraceLine(call(0))));
    expect(trace).toMatchObject({ kind: 'calls', calls: 1, facts });
  });

  it('is read packed, too', async () => {
    const text = [0, 1, 2].map((index) => toTraceLine(call(index))).join('');
    const trace = await readTrace(write(gzipSync(text)));
    expect(trace.calls).toBe(3);
  });

  it('that ends within a packed file is read up to there', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => toTraceLine(call(index, (index * 7919) % 977)));
    const packed = gzipSync(text.join(''));
    const trace = await readTrace(write(packed.subarray(0, packed.length - 1000)));
    expect(trace.calls).toBeGreaterThan(1000);
    expect(trace.sentences.join()).toContain('could not be read to its end');
  });

  it('skips broken lines and names the first ones with their numbers', async () => {
    const lines = [
      toTraceLine(call(0)),
      'nonsense\n',
      `{"t":${noon},"ms":-5,"outcome":"ok"}\n`,
      `{"t":${noon},"ms":NaN,"outcome":"ok"}\n`,
      `{"t":"${noon}","ms":5,"outcome":"ok"}\n`,
      `{"t":8640000000000000,"ms":5,"outcome":"ok"}\n`,
      `{"t":${noon},"ms":5,"outcome":"good"}\n`,
      `{"t":${noon},"ms":1e300,"outcome":"ok"}\n`,
      `[1,2]\n`,
      `{"x":"${'y'.repeat(100_000)}"}\n`,
      '\n',
      toTraceLine(call(1)),
    ];
    const trace = await readTrace(write(lines.join('')));
    expect(trace.calls).toBe(2);
    expect(trace.broken.count).toBe(9);
    expect(trace.broken.first.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
    expect(trace.sentences.join('\n')).toMatch(
      /9 broken lines were skipped: line 2: it is no JSON; line 3: ms/,
    );
  });

  it('sorts what a caller writes at the end of each call', async () => {
    const slow = { ...call(0), ms: 30_000 };
    const trace = await readTrace(write([call(1), call(2), slow, call(31_000)].map(toTraceLine).join('')));
    expect([...trace.at].map((at) => at - noon)).toEqual([0, 1, 2, 31_000]);
  });
});

describe('a file that gives no trace is one sentence:', () => {
  const folder = tmpdir();
  it.each<[string, string, string | Buffer, RegExp, ReadTraceOptions?]>([
    ['an empty one', 'empty', '', /empty is empty\.$/],
    ['blank lines', 'blank', '\n \n', /nothing but blank lines/],
    ['a binary one', 'binary', Buffer.from([1, 0, 2]), /is a binary file/],
    ['a text', 'text', 'Dear reader,\n', /is no trace: it is neither lines like .* nor an access log\.$/],
    ['facts without calls', 'head', toTraceHead({}), /head has no call in it\.$/],
    [
      'broken lines only',
      'worse',
      '{"t":1}\n{"t":2}\n',
      /2 lines are broken, the first is line 1: ms must be/,
    ],
    [
      'one without order',
      'mixed',
      [call(100_000), call(0)].map(toTraceLine).join(''),
      /not in order: line 2 began 100 s before line 1, which stands above it; sort/,
    ],
    ['seconds', 'seconds', lineOf(noon, 0.05), /durations look like seconds.*--unit s, or --unit ms/],
    ['time-outs in seconds', 'tiny', lineOf(noon, 1.5, 'timeout'), /look like seconds/],
    ['microseconds', 'micros', lineOf(noon, 120_000), /durations look like microseconds.*--unit us/],
    [
      'moments in seconds',
      'epoch',
      lineOf(noon / 1000, 50),
      /moments look like seconds.*--unit s .*--unit ms/,
    ],
  ])('%s', async (_what, name, content, sentence, options) => {
    const error = await readTrace(write(content, name), options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'TraceError', message: expect.stringMatching(sentence) });
    expect(String(error)).not.toContain('\n');
  });

  it('a folder', async () => {
    await expect(readTrace(folder)).rejects.toThrow(`${folder} is a folder, not a trace.`);
  });

  it('none', async () => {
    await expect(readTrace('/nowhere/at/all')).rejects.toThrow('There is no file /nowhere/at/all.');
  });

  it('a device', async () => {
    await expect(readTrace('/dev/zero')).rejects.toThrow('/dev/zero is a device, not a trace.');
  });
});

describe('a named unit settles it:', () => {
  it.each([
    ['s', noon, 0.05, 50],
    ['ms', noon, 0.05, 0.05],
    ['us', noon * 1000, 50_000, 50],
    ['ns', noon * 1_000_000, 50_000_000, 50],
    ['ms', noon / 1000, 50, 50],
    ['s', noon / 1000, 0.05, 50],
  ] as const)('%s', async (unit, t, given, ms) => {
    const trace = await readTrace(write(lineOf(t, given)), { unit });
    expect(trace.ms[0]).toBeCloseTo(ms, 6);
    expect(trace.at[0]).toBeCloseTo(noon, -1);
  });
});

describe('an access log', () => {
  const prefix = '10.1.1.1 - - [15/Jan/2026:12:00:01 +0000] "GET /a HTTP/1.1" 200 512';
  const browser = '"-" "Mozilla/5.0 (X11; \\"x\\")"';

  it.each<[string, string, Partial<TraceCall> & { ms: number }, number]>([
    ["nginx's $request_time", `${prefix} ${browser} 0.123`, { ms: 123 }, 123],
    ['rt=', `${prefix} ${browser} rt=0.123`, { ms: 123 }, 123],
    [
      'a quoted upstream time',
      `${prefix} ${browser} rt=0.130 urt="0.120" ua="10.0.0.1:80"`,
      { ms: 120, instance: '10.0.0.1:80' },
      120,
    ],
    ["Apache's %D", `${prefix} ${browser} 123456`, { ms: 123.456 }, 0],
    ['%D and %T', `${prefix} ${browser} 2123456 2`, { ms: 2123.456 }, 0],
    ['%T/%D', `${prefix} ${browser} 2/2123456`, { ms: 2123.456 }, 0],
    ['without browser', `${prefix} 123456`, { ms: 123.456 }, 0],
    ['one with a unit', `${prefix} ${browser} dur=12ms`, { ms: 12 }, 0],
    ['another zone', `${prefix.replace('12:00:01 +0000', '14:30:01 +0230')} 0.5`, { ms: 500 }, 500],
    [
      'an ingress',
      `${prefix} ${browser} 456 0.130 [app-80] [] 10.0.0.1:80 512 0.120 200 abc`,
      { ms: 120, instance: '10.0.0.1:80' },
      120,
    ],
    ['499', `${prefix.replace(' 200 ', ' 499 ')} 1.500`, { ms: 1500, outcome: 'timeout' }, 1500],
    ['504', `${prefix.replace(' 200 ', ' 504 ')} 1.500`, { ms: 1500, outcome: 'timeout' }, 1500],
    ['503', `${prefix.replace(' 200 ', ' 503 ')} 0.001`, { ms: 1, outcome: 'failed' }, 1],
    ['404', `${prefix.replace(' 200 ', ' 404 ')} 0.011`, { ms: 11, outcome: 'ok' }, 11],
  ])('with %s', async (_what, line, expected, backMs) => {
    const trace = await readTrace(write(`${line}\n`));
    expect(trace.kind).toBe('access log');
    expect(toCalls(trace)[0]).toMatchObject({
      outcome: 'ok',
      ...expected,
      ms: expect.closeTo(expected.ms, 6),
    });
    expect(trace.at[0]).toBeCloseTo(noon + 1500 - backMs, 6);
  });

  it('spreads the calls of a second over it, and says so', async () => {
    const trace = await readTrace(write(`${prefix} 1000\n${prefix} 2000\n`));
    expect([...trace.at].map((at) => at - noon)).toEqual([1250, 1750]);
    expect(trace.sentences.join()).toContain('spread');
  });

  it('tells each neighbour that a proxy tried', async () => {
    const line = `${prefix} ${browser} rt=0.350 urt="0.100, 0.200" ua="10.0.0.1:80, 10.0.0.2:80" us="502, 200"`;
    expect(toCalls(await readTrace(write(`${line}\n`)))).toEqual([
      { t: noon + 1200, ms: 100, outcome: 'failed', instance: '10.0.0.1:80' },
      { t: noon + 1300, ms: 200, outcome: 'ok', instance: '10.0.0.2:80', retry: true },
    ]);
  });

  it('with the formats of docs/traces.md is exact to the millisecond, or spread', async () => {
    const tail = 'rt=0.130 urt="0.120" ua="10.0.0.1:80" us="200" 1768478401.500';
    expect(toCalls(await readTrace(write(`${prefix} ${browser} ${tail}\n`)))).toEqual([
      { t: noon + 1380, ms: 120, outcome: 'ok', instance: '10.0.0.1:80' },
    ]);
    expect(toCalls(await readTrace(write(`${prefix} ${browser} 300 512 D=120000\n`)))[0]).toMatchObject({
      ms: 120,
    });
  });

  it('whose numbers look like seconds or milliseconds is asked about', async () => {
    await expect(readTrace(write(`${prefix} 2\n${prefix} 0\n`))).rejects.toThrow(
      /look like seconds.*--unit s/,
    );
    await expect(readTrace(write(`${prefix} 120\n`))).rejects.toThrow(/look like milliseconds.*--unit ms/);
    expect((await readTrace(write(`${prefix} 120\n`), { unit: 'ms' })).ms[0]).toBe(120);
  });

  it('without durations is one sentence', async () => {
    await expect(readTrace(write(`${prefix}\n`))).rejects.toThrow(/line 1: it has no duration\.$/);
  });
});

describe('OTLP JSON', () => {
  it('is read as one document, and as lines', async () => {
    const spans = [span(0, 50), span(10, 70, { 'http.response.status_code': { intValue: '503' } })];
    const expected = [
      { t: noon, ms: 50, outcome: 'ok', instance: 'back:8080' },
      { t: noon + 10, ms: 70, outcome: 'failed', instance: 'back:8080' },
    ];
    const one = await readTrace(write(JSON.stringify(documentOf(spans), undefined, 2)));
    const lines = await readTrace(
      write(spans.map((single) => `${JSON.stringify(documentOf([single]))}\n`).join('')),
    );
    expect(one.kind).toBe('otlp');
    expect(toCalls(one)).toEqual(expected);
    expect(toCalls(lines)).toEqual(expected);
  });

  it.each<[string, Record<string, object>, object, string]>([
    ['a status of 500', { 'http.status_code': { intValue: 500 } }, {}, 'failed'],
    [
      'a status of 404 with an error',
      { 'http.response.status_code': { intValue: '404' }, 'error.type': { stringValue: '404' } },
      { status: { code: 2 } },
      'ok',
    ],
    ['a time-out', { 'error.type': { stringValue: 'ETIMEDOUT' } }, { status: { code: 2 } }, 'timeout'],
    [
      'an abort in its message',
      {},
      { status: { code: 'STATUS_CODE_ERROR', message: 'This operation was aborted' } },
      'timeout',
    ],
    [
      'a refused connection',
      { 'error.type': { stringValue: 'ECONNREFUSED' } },
      { status: { code: 2 } },
      'failed',
    ],
    ['DEADLINE_EXCEEDED', { 'rpc.grpc.status_code': { intValue: '4' } }, {}, 'timeout'],
  ])('knows %s', async (_what, attributes, more, outcome) => {
    const trace = await readTrace(
      write(JSON.stringify(documentOf([{ ...span(0, 50, attributes), ...more }]))),
    );
    expect(toCalls(trace)[0]?.outcome).toBe(outcome);
  });

  it('takes client spans only, and names the neighbours where there are several', async () => {
    const to = (host: string) => ({ 'server.address': { stringValue: host } });
    const file = write(
      JSON.stringify(
        documentOf([
          { ...span(0, 5), kind: 2 },
          span(0, 50, to('one')),
          span(1, 50, to('two')),
          span(2, 50, to('two')),
        ]),
      ),
    );
    await expect(readTrace(file)).rejects.toThrow(
      '2 neighbours: two:8080 (2), one:8080 (1); choose with --peer NAME.',
    );
    expect((await readTrace(file, { peer: 'two' })).calls).toBe(2);
    expect((await readTrace(file, { peer: 'one:8080,two' })).instances).toEqual(['one:8080', 'two:8080']);
    await expect(readTrace(file, { peer: 'three' })).rejects.toThrow(
      /no call to three; it has calls to two:8080/,
    );
  });

  it('leaves databases out, and spans that were sent again', async () => {
    const database = span(3, 5, {
      'db.system': { stringValue: 'mongodb' },
      'server.address': { stringValue: 'db' },
    });
    const trace = await readTrace(write(JSON.stringify(documentOf([span(0, 50), span(0, 50), database]))));
    expect(trace.calls).toBe(1);
    expect(trace.sentences.join()).toMatch(/1 calls to databases.*1 spans occur again/);
  });

  it('whose line is torn loses that line only', async () => {
    const line = JSON.stringify(documentOf([span(0, 50)]));
    const later = JSON.stringify(documentOf([span(1, 50)]));
    const file = write([line, line.slice(0, 200), 'garbage', line.slice(0, 150), later, '}}'].join('\n'));
    const trace = await readTrace(file);
    expect(trace.calls).toBe(2);
    expect(trace.broken.first.map((one) => one.line)).toEqual([2, 4, 6]);
  });
});

function call(offset: number, more = 0): TraceCall {
  return { t: noon + offset, ms: 50 + more, outcome: 'ok', instance: 'one' };
}

function lineOf(t: number, ms: number, outcome = 'ok'): string {
  return `${JSON.stringify({ t, ms, outcome })}\n`;
}

function span(offset: number, ms: number, attributes: Record<string, object> = {}): object {
  const all = {
    'server.address': { stringValue: 'back' },
    'server.port': { intValue: '8080' },
    ...attributes,
  };
  return {
    ...{ traceId: 'aa', spanId: 'bb', name: 'POST "x" {[', kind: 'SPAN_KIND_CLIENT' },
    startTimeUnixNano: `${(noon + offset) * 1000}000`,
    endTimeUnixNano: `${(noon + offset + ms) * 1000}000`,
    attributes: Object.entries(all).map(([key, value]) => ({ key, value })),
    status: {},
  };
}

function documentOf(spans: readonly object[]): object {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'front' } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'x' }, spans }] }] };
}

function toCalls({ calls, at, ms, outcome, instance, retry, instances }: Trace): TraceCall[] {
  return Array.from({ length: calls }, (_, index) => {
    const name = instances[instance[index] ?? 0] ?? '';
    return {
      ...{ t: at[index] ?? 0, ms: ms[index] ?? 0, outcome: callOutcomes[outcome[index] ?? 0] ?? 'ok' },
      ...(name === '' ? {} : { instance: name }),
      ...(retry[index] === 1 ? { retry: true as const } : {}),
    };
  });
}
