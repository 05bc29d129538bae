/** Calls while a file is read, in columns that grow; times are as they stand in the file. */
import { callOutcomes, type TraceCall } from './trace.ts';

/** Calls in the sequence of the file. */
export interface Columns {
  readonly calls: number;
  /** Calls above the bound, which were not kept. */
  readonly cutOff: number;
  readonly instances: readonly string[];
  /** Calls whose instance had no place among the names. */
  readonly nameless: number;
  readonly at: Float64Array;
  readonly ms: Float64Array;
  readonly outcome: Uint8Array;
  readonly instance: Uint16Array;
  readonly retry: Uint8Array;
  /** How long before `at` a call began: where a log notes the end. */
  readonly back: Float64Array;
  readonly line: Uint32Array;
}

/** Collects calls. */
export interface ColumnsBuilder {
  add(call: TraceCall, line: number, backMs?: number): void;
  finish(): Columns;
}

/** Names of instances that are kept; further ones share the first. */
const maxInstances = 1000;

/** Begins empty columns that keep at most `maxCalls`. */
export function createColumns(maxCalls: number): ColumnsBuilder {
  let room = Math.min(maxCalls, 4096);
  let at = new Float64Array(room);
  let ms = new Float64Array(room);
  let outcome = new Uint8Array(room);
  let instance = new Uint16Array(room);
  let retry = new Uint8Array(room);
  let back = new Float64Array(room);
  let line = new Uint32Array(room);
  const names = new Map<string, number>();
  let calls = 0;
  let cutOff = 0;
  let nameless = 0;

  return {
    add(call, number, backMs = 0) {
      if (calls === maxCalls) {
        cutOff += 1;
        return;
      }
      if (calls === room) grow();
      at[calls] = call.t;
      ms[calls] = call.ms;
      outcome[calls] = callOutcomes.indexOf(call.outcome);
      instance[calls] = toIndex(call.instance ?? '');
      retry[calls] = call.retry === true ? 1 : 0;
      back[calls] = backMs;
      line[calls] = number;
      calls += 1;
    },
    finish: () => ({
      ...{ calls, cutOff, nameless },
      instances: [...names.keys()],
      at: at.subarray(0, calls),
      ms: ms.subarray(0, calls),
      outcome: outcome.subarray(0, calls),
      instance: instance.subarray(0, calls),
      retry: retry.subarray(0, calls),
      back: back.subarray(0, calls),
      line: line.subarray(0, calls),
    }),
  };

  function toIndex(name: string): number {
    const known = names.get(name);
    if (known !== undefined) return known;
    if (names.size === maxInstances) {
      nameless += 1;
      return 0;
    }
    names.set(name, names.size);
    return names.size - 1;
  }

  function grow(): void {
    room = Math.min(maxCalls, room * 2);
    at = widen(at, new Float64Array(room));
    ms = widen(ms, new Float64Array(room));
    outcome = widen(outcome, new Uint8Array(room));
    instance = widen(instance, new Uint16Array(room));
    retry = widen(retry, new Uint8Array(room));
    back = widen(back, new Float64Array(room));
    line = widen(line, new Uint32Array(room));
  }
}

function widen<A extends { set(from: A): void }>(narrow: A, wide: A): A {
  wide.set(narrow);
  return wide;
}
