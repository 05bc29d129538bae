/** What a file says, while it is read: calls with times as they stand there, facts, and lines that are no calls. */
import { type Columns, createColumns } from './columns.ts';
import type { BrokenLines, TraceCall, TraceFacts, TraceKind } from './trace.ts';

/** Collects what is read. */
export interface RawTrace {
  begin(kind: TraceKind): void;
  facts(facts: TraceFacts): void;
  call(call: TraceCall, line: number): void;
  /** A call of an access log. */
  logged(call: TraceCall, place: { number: number; backMs: number; isBare: boolean }): void;
  broken(line: number, why: string): void;
  /** Adds a sentence that a reader has to know. */
  say(sentence: string): void;
  finish(): RawCalls;
}

/** A file that was read. */
export interface RawCalls {
  readonly kind: TraceKind;
  readonly facts: TraceFacts;
  readonly columns: Columns;
  readonly broken: BrokenLines;
  readonly sentences: readonly string[];
  /** Durations have no unit of their own. */
  readonly isBare: boolean;
}

/** Broken lines that are named. */
export const namedBroken = 5;

/** Begins without calls. */
export function createRawTrace(maxCalls: number): RawTrace {
  const columns = createColumns(maxCalls);
  const sentences: string[] = [];
  const first: { line: number; why: string }[] = [];
  let count = 0;
  let kind: TraceKind = 'calls';
  let facts: TraceFacts = {};
  let isBare: boolean | undefined;

  return {
    begin(found) {
      kind = found;
    },
    facts(found) {
      facts = { ...found, ...facts };
    },
    call: (call, line) => columns.add(call, line),
    logged(call, place) {
      isBare ??= place.isBare;
      if (isBare === place.isBare) columns.add(call, place.number, place.backMs);
      else breakAt(place.number, 'its duration has another form than those before');
    },
    broken: breakAt,
    say: (sentence) => void sentences.push(sentence),
    finish: () => ({
      ...{ kind, facts, columns: columns.finish(), sentences },
      broken: { count, first },
      isBare: isBare ?? false,
    }),
  };

  function breakAt(line: number, why: string): void {
    count += 1;
    if (first.length < namedBroken) first.push({ line, why });
  }
}
