/** What an operator hears of a collector that comes and goes. */
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, it } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import { warnOnce } from '../../../src/observability/tracing.ts';

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];

const taken: Result = { code: 0 };
const refused: Result = { code: 1, error: new Error('connect ECONNREFUSED') };

it('warns once for each time that the collector goes away, and never names its password', () => {
  const lines: string[] = [];
  const log = createLog(
    { service: 'front', format: 'json', level: 'debug', color: false },
    { write: (line: string) => void lines.push(JSON.parse(line).msg) },
  );
  const results = [taken, refused, refused, refused, taken, refused, refused];
  const told: Result[] = [];
  const exporter = warnOnce(
    {
      export: (_spans, done) => done(results.shift() ?? taken),
      shutdown: async () => undefined,
    },
    'http://me:secret@collector:4318/otlp',
    log,
  );
  for (let sent = 0; sent < 7; sent += 1) exporter.export([], (result) => told.push(result));
  const warning = 'traces are lost until http://collector:4318 takes them: connect ECONNREFUSED';
  expect(lines).toEqual([warning, warning]);
  expect(told).toEqual([taken, refused, refused, refused, taken, refused, refused]);
});
