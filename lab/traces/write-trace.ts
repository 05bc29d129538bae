/** Writes a trace in our own form. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toTraceHead, toTraceLine } from './call-line.ts';
import { callOutcomes, type Trace, type TraceCall } from './trace.ts';

/** Calls in one piece of text. */
const together = 1000;

/** Writes all calls to a file, which is replaced. */
export async function writeTrace(trace: Trace, file: string): Promise<void> {
  await pipeline(Readable.from(toText(trace)), createWriteStream(file));
}

function* toText(trace: Trace): Generator<string> {
  yield toTraceHead({ recordedBy: `import of ${trace.kind}`, ...trace.facts });
  for (let from = 0; from < trace.calls; from += together) {
    const end = Math.min(trace.calls, from + together);
    yield Array.from({ length: end - from }, (_, place) => toTraceLine(toCall(trace, from + place))).join('');
  }
}

function toCall({ at, ms, outcome, instance, instances, retry }: Trace, index: number): TraceCall {
  const name = instances[instance[index] ?? 0] ?? '';
  return {
    t: round(at[index] ?? 0),
    ms: round(ms[index] ?? 0),
    outcome: callOutcomes[outcome[index] ?? 0] ?? 'ok',
    ...(name === '' ? {} : { instance: name }),
    ...(retry[index] === 1 ? { retry: true } : {}),
  };
}

/** To the microsecond. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
