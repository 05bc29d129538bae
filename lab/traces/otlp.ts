/**
 * Spans out of OTLP JSON: one document, or lines of it as a collector's file exporter writes them.
 *
 * A document may be larger than memory, so that only single spans are parsed; where they are is told by counting
 * brackets. A line that is torn spoils nothing behind it.
 */

import { parseSpan } from './otlp-span.ts';
import type { SpanCall } from './peers.ts';
import { BrokenLineError } from './trace-error.ts';

/** Gets bytes and reports client spans. */
export interface OtlpReader {
  feed(bytes: Buffer): void;
  end(): void;
}

/** What a reader reports. */
export interface OtlpSink {
  span(span: SpanCall, line: number): void;
  broken(line: number, why: string): void;
}

/** A longer span is none. */
const maxSpanBytes = 1_048_576;
const maxDepth = 64;
const code = { quote: 0x22, escape: 0x5c, newLine: 0x0a, colon: 0x3a, open: 0x7b, close: 0x7d } as const;
const list = { open: 0x5b, close: 0x5d } as const;

/** Begins at line 1. */
export function createOtlpReader({ span, broken }: OtlpSink): OtlpReader {
  let line = 1;
  /** The names under which the open brackets stand. */
  let stack: string[] = [];
  let isText = false;
  let isEscaped = false;
  /** The last text, which may be a name. */
  let text: number[] = [];
  let name = '';
  /** Where a span began: its depth, its line, and the bytes of it that came with earlier chunks. */
  let held: { depth: number; line: number; parts: Buffer[]; bytes: number } | undefined;
  /** Where the present document began. */
  let begun = 1;
  let isLineBegun = false;
  let isLineBroken = false;

  return {
    feed(bytes) {
      let from = 0;
      for (let index = 0; index < bytes.length; index += 1) {
        const byte = bytes[index] ?? 0;
        if (byte === code.newLine) {
          if (isText) fail('a text in it has no end');
          line += 1;
          isLineBegun = false;
          isLineBroken = false;
        } else if (isText) takeText(byte);
        else if (byte === code.quote) {
          isText = true;
          text = [];
        } else if (byte === code.open || byte === list.open) {
          if (!isLineBegun && stack.length > 0 && isAnew(bytes, index)) fail('it has no end', begun);
          if (stack.length === 0) begun = line;
          if (open() && byte === code.open) {
            held = { depth: stack.length, line, parts: [], bytes: 0 };
            from = index;
          }
        } else if (byte === code.close || byte === list.close) {
          if (held?.depth === stack.length) {
            emit(bytes.subarray(from, index + 1));
            held = undefined;
          }
          if (stack.pop() === undefined) fail('it closes what it did not open');
        } else if (byte === code.colon) {
          if (held === undefined) name = String.fromCharCode(...text);
        } else if (stack.length === 0 && byte > 0x20 && byte !== 0x2c) fail('it is no JSON');
        if (byte > 0x20) isLineBegun = true;
      }
      if (held !== undefined) hold(bytes.subarray(from));
    },
    end() {
      if (stack.length > 0) fail('it has no end', begun);
    },
  };

  function takeText(byte: number): void {
    if (isEscaped) isEscaped = false;
    else if (byte === code.escape) isEscaped = true;
    else if (byte === code.quote) isText = false;
    if (held === undefined && isText && text.length < 40) text.push(byte);
  }

  /** Opens a bracket; whether a span begins with it. */
  function open(): boolean {
    const isSpan = held === undefined && stack.at(-1) === 'spans';
    if (stack.length === maxDepth) fail('its brackets are too deep');
    stack.push(isSpan ? '' : name);
    name = '';
    return isSpan;
  }

  function hold(bytes: Buffer): void {
    if (held === undefined) return;
    held.bytes += bytes.length;
    if (held.bytes > maxSpanBytes) fail('a span in it is too long');
    else held.parts.push(Buffer.from(bytes));
  }

  function emit(bytes: Buffer): void {
    if (held === undefined) return;
    const { bytes: before, line: at, parts } = held;
    try {
      if (before + bytes.length > maxSpanBytes) throw new BrokenLineError('a span in it is too long');
      const parsed = parseSpan(Buffer.concat([...parts, bytes]).toString('utf8'));
      if (parsed !== undefined) span(parsed, at);
    } catch (error) {
      if (!(error instanceof BrokenLineError)) throw error;
      broken(at, error.message);
    }
  }

  /** Reports a line once, and begins anew with what comes. */
  function fail(why: string, number = line): void {
    if (!isLineBroken) broken(number, why);
    isLineBroken = number === line;
    stack = [];
    isText = false;
    isEscaped = false;
    held = undefined;
    name = '';
  }
}

/** A line that begins as only a whole document does, although the one before is not at its end. */
function isAnew(bytes: Buffer, index: number): boolean {
  return /^\{\s*"resource(?:Spans|Metrics|Logs)"/.test(bytes.toString('latin1', index, index + 40));
}
