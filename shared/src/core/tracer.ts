/**
 * Spans as the chain sees them: named, nested by headers, and free while tracing is off.
 *
 * A span's parent is what came in `traceparent` (W3C Trace Context), and the span hands out the headers for what it
 * calls. While off, headers pass as they came. Who records spans is in tracing.ts, which loads OpenTelemetry only then.
 */

/** Headers that go along the chain; the trace is in `traceparent` and `tracestate`. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** What a span is, and under which parent. */
export interface SpanOptions {
  readonly kind: 'server' | 'client' | 'internal';
  /** Headers that name the parent; a span without any begins a trace. */
  readonly parent?: TraceHeaders | undefined;
  readonly attributes?: SpanAttributes;
}

/** Facts about a span, under the names of OpenTelemetry's conventions where there is one. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span under way. */
export interface Span {
  /** Whether it is recorded; facts that cost something need not be gathered otherwise. */
  readonly isRecorded: boolean;
  /** Answers `headers` with this span as the parent; without tracing, as they came. */
  passOn(headers: TraceHeaders): TraceHeaders;
  set(attributes: SpanAttributes): void;
}

/** Makes spans. */
export interface Tracer {
  /** Runs `work` in a span that ends with it; a rejection marks the span as failed and goes on to the caller. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** Resolves when spans are recorded, at once while off; never rejects. */
  readonly ready: Promise<void>;
  /** Sends what is left, within a second; never rejects. */
  stop(): Promise<void>;
}

/** The span of a tracer that is off. */
const noSpan: Span = { isRecorded: false, passOn: (headers) => headers, set: () => undefined };

/** The tracer that records nothing. */
export const noTracer: Tracer = {
  span: (_name, _options, work) => work(noSpan),
  ready: Promise.resolve(),
  stop: async () => undefined,
};

/** What the span around one call of a breaker is called. */
export function toBreakerSpanName(breaker: string): string {
  return `breaker ${breaker}`;
}

/** A place in a trace, as a `traceparent` header names it. */
export interface TracePlace {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

const form =
  /^(?!ff)(?!00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-.*)?$/;

/** Reads a `traceparent`, of version 00 or as one of it; `undefined` when it is absent or not of the form that W3C Trace Context demands. */
export function parseTraceparent(header: string | undefined): TracePlace | undefined {
  const [, traceId, spanId, flags] = form.exec(header ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Writes a `traceparent`. */
export function toTraceparent({ traceId, spanId, flags }: TracePlace): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
}
