/**
 * The interface for spans, and the tracer that records none.
 *
 * The parent of a span is in the `traceparent` header of its request (W3C Trace Context), and the span changes the
 * headers of its calls. While tracing is off, headers are unchanged. tracing.ts records spans with OpenTelemetry.
 */

/** Headers that propagate along the chain; the trace is in `traceparent` and `tracestate`. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** The kind, parent and attributes of a span. */
export interface SpanOptions {
  readonly kind: 'server' | 'client' | 'internal';
  /** Headers with the parent; without them the span begins a trace. */
  readonly parent?: TraceHeaders | undefined;
  readonly attributes?: SpanAttributes;
}

/** Attributes of a span, named by OpenTelemetry's semantic conventions where they have a name. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A running span. */
export interface Span {
  /** Whether it is recorded; otherwise expensive attributes need not be computed. */
  readonly isRecorded: boolean;
  /** Returns `headers` with this span as the parent; unchanged without tracing. */
  propagate(headers: TraceHeaders): TraceHeaders;
  set(attributes: SpanAttributes): void;
}

/** Creates spans. */
export interface Tracer {
  /** Runs `work` in a span that ends with it; a rejection marks the span as failed and is rethrown. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** Resolves when spans are recorded, at once while off; never rejects. */
  readonly ready: Promise<void>;
  /** Exports the remaining spans, within a second; never rejects. */
  stop(): Promise<void>;
}

/** The span of a tracer that is off. */
const noSpan: Span = { isRecorded: false, propagate: (headers) => headers, set: () => undefined };

/** The tracer that records nothing. */
export const noTracer: Tracer = {
  span: (_name, _options, work) => work(noSpan),
  ready: Promise.resolve(),
  stop: async () => undefined,
};

/** The name of the span around one call through a breaker. */
export function toBreakerSpanName(breaker: string): string {
  return `breaker ${breaker}`;
}

/** The content of a `traceparent` header. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

const form =
  /^(?!ff)(?!00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-.*)?$/;

/**
 * Parses a `traceparent`, reading later versions as version 00; `undefined` when it is absent or has not the form of
 * W3C Trace Context.
 */
export function parseTraceparent(header: string | undefined): SpanContext | undefined {
  if (header === undefined) return undefined;
  const [, traceId, spanId, flags] = form.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Writes a `traceparent`. */
export function toTraceparent({ traceId, spanId, flags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
}
