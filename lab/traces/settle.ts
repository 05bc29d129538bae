/**
 * Calls as a file has them become a trace: one unit of time, sorted by the moment of beginning.
 *
 * Calls are written when they end, so that one which took long stands behind shorter ones that began later; a collector
 * mixes those of some seconds. That is sorted. A line that is further from its place means that the file was put
 * together wrongly, and then no rate and no fault in it can be believed.
 */
import { quantile } from '../measure/statistics.ts';
import type { Columns } from './columns.ts';
import { namedBroken, type RawCalls } from './raw-trace.ts';
import type { BrokenLines, Trace } from './trace.ts';
import { TraceError } from './trace-error.ts';
import { guessUnit, type TimeScale, type TraceUnit, toTimeScale, unitMs, unitNames } from './units.ts';

/** A line may stand so long behind its place, beside its own duration. */
const disorderMs = 60_000;
/** A longer call is none. */
const longestMs = 86_400_000;

/**
 * Makes a trace.
 * @throws {TraceError} when no call is left, or units or order cannot be right.
 */
export function settle(file: string, raw: RawCalls, unit: TraceUnit | undefined): Trace {
  const { columns, kind } = raw;
  const sentences = [...raw.sentences];
  if (columns.cutOff > 0)
    sentences.push(
      `Only the first ${count(columns.calls, 'call')} were taken, of ${columns.calls + columns.cutOff}.`,
    );
  if (columns.nameless > 0)
    sentences.push('Calls to more than 1,000 instances were counted to the first one.');
  if (columns.calls === 0) throw new TraceError(toEmpty(file, raw.broken));
  const scale = toMainScale(columns.at);
  const ownUnit = kind === 'otlp' ? 'ns' : raw.isBare ? 'us' : 'ms';
  const durationMs = unitMs[unit ?? ownUnit];
  if (unit === undefined) askForUnit(file, raw, scale, ownUnit);
  const momentMs = scale === 'own' ? unitMs[unit ?? 'ms'] : unitMs[scale ?? 'ms'];
  const kept: number[] = [];
  const left: { line: number; why: string }[] = [];
  let leftCount = 0;
  for (let index = 0; index < columns.calls; index += 1) {
    const why = toFault(columns, index, { scale, durationMs });
    if (why === undefined) kept.push(index);
    else if (++leftCount <= namedBroken) left.push({ line: columns.line[index] ?? 0, why });
  }
  const broken = join(raw.broken, { count: leftCount, first: left });
  if (kept.length === 0) throw new TraceError(toEmpty(file, broken));
  const at = toBeginnings(columns, kept, momentMs, kind === 'access log' ? sentences : undefined);
  checkOrder(file, columns, kept, { at, durationMs });
  const order = kept.map((_, place) => place).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0));
  const from = (place: number) => kept[place] ?? 0;
  const trace = {
    at: Float64Array.from(order, (place) => at[place] ?? 0),
    ms: Float64Array.from(order, (place) => (columns.ms[from(place)] ?? 0) * durationMs),
    outcome: Uint8Array.from(order, (place) => columns.outcome[from(place)] ?? 0),
    instance: Uint16Array.from(order, (place) => columns.instance[from(place)] ?? 0),
    retry: Uint8Array.from(order, (place) => columns.retry[from(place)] ?? 0),
  };
  if (raw.isBare) sentences.push(`Durations without a unit were taken as ${unitNames[unit ?? ownUnit]}.`);
  if (scale === 'own')
    sentences.push('Times do not count from 1970; they were taken as times from a beginning.');
  if (broken.count > 0) sentences.push(toBrokenSentence(broken));
  // Some are the same by chance, where times are whole milliseconds.
  const same = countSame(trace);
  if (same > kept.length / 3)
    sentences.push(`${count(same, 'call')} say exactly what the one before says; was this recorded twice?`);
  const { facts } = raw;
  if (facts.dropped) sentences.push(`The recorder could not keep ${count(facts.dropped, 'call')}.`);
  return { kind, facts, calls: kept.length, ...trace, instances: columns.instances, broken, sentences };
}

/** A number with its word. */
function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}

function toEmpty(file: string, { count: lines, first: [one] }: BrokenLines): string {
  if (one === undefined) return `${file} has no call in it.`;
  return `${file} has no call in it: ${count(lines, 'line')} ${lines === 1 ? 'is' : 'are'} broken, the first is line ${one.line}: ${one.why}.`;
}

function toBrokenSentence({ count: lines, first }: BrokenLines): string {
  const named = first.map(({ line, why }) => `line ${line}: ${why}`).join('; ');
  return `${count(lines, 'broken line')} ${lines === 1 ? 'was' : 'were'} skipped: ${named}${lines > first.length ? '; …' : ''}.`;
}

/** The lists are in the sequence of their lines, and so is the result. */
function join(one: BrokenLines, other: BrokenLines): BrokenLines {
  const first = [...one.first, ...other.first].sort((a, b) => a.line - b.line).slice(0, namedBroken);
  return { count: one.count + other.count, first };
}

/** How most of the moments are counted. */
function toMainScale(at: Float64Array): TimeScale | undefined {
  const votes = new Map<TimeScale, number>();
  for (const t of at) {
    const scale = toTimeScale(t);
    if (scale !== undefined) votes.set(scale, (votes.get(scale) ?? 0) + 1);
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** @throws {TraceError} that asks for the unit, when another one is more likely. */
function askForUnit(
  file: string,
  { columns, kind, isBare, facts }: RawCalls,
  scale: TimeScale | undefined,
  own: TraceUnit,
): void {
  const expected = kind === 'access log' ? 'ms' : own;
  if (scale !== undefined && scale !== 'own' && scale !== expected)
    throw new TraceError(
      `${file}: the moments look like ${unitNames[scale]} since 1970, not ${unitNames[expected]}; ` +
        `say --unit ${scale} if the durations are ${unitNames[scale]} too, or --unit ${expected} if they are ${unitNames[expected]}.`,
    );
  // Spans and a recorder's own files say their unit; so does most of an access log.
  if (isBare ? false : kind !== 'calls' || facts.recordedBy !== undefined) return;
  const sent = columns.ms.filter((_, index) => columns.outcome[index] !== 3).sort();
  const median = quantile(sent, 0.5);
  // A log that knows whole seconds only has zeros, which tell nothing but that.
  const guess = isBare ? guessBare(median) : guessUnit(median * unitMs[own]);
  const isTimeoutTiny = !isBare && hasTinyTimeouts(columns, unitMs[own]);
  const likely = isTimeoutTiny ? 's' : guess;
  if (sent.length === 0 || likely === own) return;
  throw new TraceError(
    `${file}: the durations look like ${unitNames[likely]}, not ${unitNames[own]} (half of them are up to ${median}); ` +
      `say --unit ${likely}, or --unit ${own} if they are ${unitNames[own]}.`,
  );
}

/** A number without a unit is one of Apache's: %D in microseconds, %T in seconds or, with {ms}, milliseconds. */
function guessBare(median: number): TraceUnit {
  if (median < 10) return 's';
  return median < 1000 ? 'ms' : 'us';
}

/** Nobody waits less than 60 ms: when the longest time-out is shorter, it is in seconds. */
function hasTinyTimeouts({ ms, outcome }: Columns, factor: number): boolean {
  let longest = 0;
  for (const [index, duration] of ms.entries())
    if (outcome[index] === 2) longest = Math.max(longest, duration * factor);
  return longest > 0 && longest < 60;
}

function toFault(
  { at, ms, outcome }: Columns,
  index: number,
  { scale, durationMs }: { scale: TimeScale | undefined; durationMs: number },
): string | undefined {
  if (toTimeScale(at[index] ?? 0) !== scale || scale === undefined)
    return `its moment is in another time than ${scale === undefined ? 'any' : 'most'}`;
  if ((ms[index] ?? 0) * durationMs > longestMs) return 'it takes longer than a day';
  return outcome[index] === undefined ? 'it has no outcome' : undefined;
}

/**
 * When each call began. A log that knows only seconds has its lines spread over each second, in its own sequence;
 * otherwise a second would begin with all of them at once.
 */
function toBeginnings(
  { at, back, line }: Columns,
  kept: readonly number[],
  factor: number,
  sentences: string[] | undefined,
): Float64Array {
  // To the microsecond: a double has no more digits for a moment of these years.
  const stamps = Float64Array.from(kept, (index) => Math.round((at[index] ?? 0) * factor * 1000) / 1000);
  const isWhole = sentences !== undefined && stamps.every((stamp) => stamp % 1000 === 0);
  if (isWhole) {
    sentences.push(
      'The log knows whole seconds only; the calls of a second were spread over it in the sequence of the log.',
    );
    spread(stamps, (place) => line[kept[place] ?? 0] ?? 0);
  }
  return stamps.map((stamp, place) => stamp - (back[kept[place] ?? 0] ?? 0));
}

/** A line may have several calls, which stay together. */
function spread(stamps: Float64Array, lineOf: (place: number) => number): void {
  const lines = new Map<number, number>();
  const isNew = (place: number) => place === 0 || lineOf(place) !== lineOf(place - 1);
  for (const [place, stamp] of stamps.entries())
    if (isNew(place)) lines.set(stamp, (lines.get(stamp) ?? 0) + 1);
  const taken = new Map<number, number>();
  for (const [place, stamp] of stamps.entries()) {
    const before = (taken.get(stamp) ?? 0) + (isNew(place) ? 1 : 0);
    taken.set(stamp, before);
    stamps[place] = stamp + ((before - 0.5) * 1000) / (lines.get(stamp) ?? 1);
  }
}

/** @throws {TraceError} when a line is further from its place than writing at the end and collecting explain. */
function checkOrder(
  file: string,
  { ms, line }: Columns,
  kept: readonly number[],
  { at, durationMs }: { at: Float64Array; durationMs: number },
): void {
  let newest = Number.NEGATIVE_INFINITY;
  let newestLine = 0;
  for (const [place, index] of kept.entries()) {
    const began = at[place] ?? 0;
    const behindMs = newest - began - (ms[index] ?? 0) * durationMs;
    if (behindMs > disorderMs)
      throw new TraceError(
        `${file} is not in order: line ${line[index]} began ${Math.round(behindMs / 1000)} s before line ${newestLine}, which stands above it; sort the file by time first.`,
      );
    if (began > newest) {
      newest = began;
      newestLine = line[index] ?? 0;
    }
  }
}

function countSame({ at, ms, outcome, instance }: Pick<Trace, 'at' | 'ms' | 'outcome' | 'instance'>): number {
  let same = 0;
  for (let index = 1; index < at.length; index += 1) {
    const is = [at, ms, outcome, instance].every((column) => column[index] === column[index - 1]);
    if (is) same += 1;
  }
  return same;
}
