/** The options of `npm run trace`. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { freeText, toggle, wholeNumber, word } from '@holdfast/shared/core/command-options.ts';
import type { ReadTraceOptions } from './read-trace.ts';
import { traceUnits } from './units.ts';

/** How to call it. */
export const traceCommand = {
  name: 'npm run trace',
  does: 'Reads recorded calls, says what is in them, and writes them in the form that npm run tune and npm run record share.',
  options: {
    unit: word(traceUnits, {
      ...{ value: 'UNIT', fallback: undefined },
      about: 'unit of the durations, where the file does not say it',
    }),
    peer: freeText({
      ...{ value: 'NAME', range: 'one or more names, separated by commas' },
      about: 'only calls to this neighbour; needed when a file of spans has several',
    }),
    out: freeText({ value: 'FILE', range: 'a file', about: 'writes the calls there as JSON lines' }),
    'max-calls': wholeNumber({
      ...{ min: 1, max: 20_000_000, fallback: 2_000_000 },
      about: 'calls that are read at most',
    }),
    json: toggle('prints what was found as JSON, with the fitted scenario'),
  },
  operands: {
    value: 'FILE',
    what: 'file',
    about: 'JSON lines, OTLP JSON, or an access log with durations; each may be packed with gzip',
    count: 'one',
  },
  example: 'npm run trace -- access.log.gz --out calls.jsonl',
  notes: 'Exit code 0: read. 2: it could not be read or written. docs/traces.md describes the forms.',
} satisfies Command;

/** What a command line asks for. */
export interface TraceArguments extends ReadTraceOptions {
  readonly file: string;
  readonly out: string | undefined;
  readonly isJson: boolean;
}

/**
 * Reads the arguments.
 * @throws {UsageError} when one is not legal.
 */
export function readTraceArguments(args: readonly string[]): TraceArguments {
  const { values, operands } = parseCommandLine(traceCommand, args);
  const { unit, peer, out, json } = values;
  return { file: operands[0] ?? '', unit, peer, out, isJson: json, maxCalls: values['max-calls'] };
}
