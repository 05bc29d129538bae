/** Our own form of a trace: a line of JSON for each call, and one before them with facts of all. */

import { type CallOutcome, callOutcomes, type TraceCall, type TraceFacts } from './trace.ts';
import { BrokenLineError, parseJson } from './trace-error.ts';

/** A line that was read: a call, or the facts of all. */
export type ParsedLine = { readonly call: TraceCall } | { readonly facts: TraceFacts };

/** The version that the first line names. */
const version = 1;
/** Longer names are no names. */
const maxNameLength = 200;

/** The first line of a file. */
export function toTraceHead(facts: TraceFacts): string {
  return `${JSON.stringify({ trace: version, ...facts })}\n`;
}

/** The line of one call. */
export function toTraceLine(call: TraceCall): string {
  return `${JSON.stringify(call)}\n`;
}

/**
 * Reads one line; times are as they stand there.
 * @throws {BrokenLineError} when it is none.
 */
export function parseTraceLine(line: string): ParsedLine {
  const given = parse(line);
  if ('trace' in given) return { facts: toFacts(given) };
  const { t, ms, outcome, instance } = given;
  if (!isTime(t)) throw new BrokenLineError('t must be a number of at least 0');
  if (!isTime(ms)) throw new BrokenLineError('ms must be a number of at least 0');
  if (!isOutcome(outcome)) throw new BrokenLineError(`outcome must be one of ${callOutcomes.join(', ')}`);
  if (instance !== undefined && !isName(instance))
    throw new BrokenLineError(`instance must be a text of at most ${maxNameLength} characters`);
  const call = { t, ms, outcome, ...(instance === undefined ? {} : { instance }) };
  return { call: given.retry === true ? { ...call, retry: true } : call };
}

function parse(line: string): Readonly<Record<string, unknown>> {
  const value = parseJson(line);
  if (value === undefined) throw new BrokenLineError('it is no JSON');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new BrokenLineError('it is no JSON object');
}

/** Facts are only shown, so that one of another type is left out and spoils nothing. */
function toFacts(given: Readonly<Record<string, unknown>>): TraceFacts {
  const { trace, hop, recordedBy, attemptTimeoutMs, dropped } = given;
  if (trace !== version) throw new BrokenLineError(`it is of a version other than ${version}`);
  return {
    ...(isName(hop) ? { hop } : {}),
    ...(isName(recordedBy) ? { recordedBy } : {}),
    ...(isTime(attemptTimeoutMs) ? { attemptTimeoutMs } : {}),
    ...(isTime(dropped) ? { dropped } : {}),
  };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxNameLength;
}

function isOutcome(value: unknown): value is CallOutcome {
  return callOutcomes.some((known) => known === value);
}
