/**
 * Records spans and sends them to a collector. The only importer of OpenTelemetry, which it loads only when
 * `OTEL_EXPORTER_OTLP_ENDPOINT` is set.
 *
 * Nothing is patched and nothing is global: spans are started through tracer.ts. The outcomes of breakers come from the
 * bus, so that a span, a log line and a metric agree.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, SpanContext } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import {
  noTracer,
  parseTraceparent,
  type Span,
  type SpanOptions,
  type TraceHeaders,
  type Tracer,
  toBreakerSpanName,
  toTraceparent,
} from '../core/tracer.ts';
import type { BreakerCall } from '../resilience/breaker-events.ts';
import type { Events } from './events.ts';
import type { Log } from './log.ts';

/** What tracing is made of. */
export interface TracingOptions {
  /** Base address of an OTLP receiver over HTTP, as `http://127.0.0.1:4318`; empty turns tracing off. */
  readonly endpoint: string;
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly events: Events;
  readonly log: Log;
}

/** Longest time in milliseconds that a stopping service waits until its last spans are delivered. */
export const flushMs = 1000;
/** Longest time in milliseconds for one export with its retries, after which its spans are dropped. */
const deliveryMs = 5000;

/** Opens the tracer of one service; it records spans once it is `ready`. */
export function openTracer(options: TracingOptions): Tracer {
  if (options.endpoint === '') return noTracer;
  let tracer = noTracer;
  const ready = startRecording(options).then(
    (recording) => {
      tracer = recording;
    },
    (error: unknown) => {
      options.log.error({ err: error }, 'tracing cannot start; the service runs without it');
    },
  );
  return {
    span: (name, options, work) => tracer.span(name, options, work),
    ready,
    async stop() {
      await ready;
      await tracer.stop();
    },
  };
}

async function startRecording({
  endpoint,
  service,
  instance,
  version,
  events,
  log,
}: TracingOptions): Promise<Tracer> {
  const [api, sdk, { OTLPTraceExporter }, { defaultResource, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, createTraceState, trace } = api;
  const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: deliveryMs,
  });
  const provider = new sdk.NodeTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': service,
        'service.version': version,
        'service.instance.id': instance,
      }),
    ),
    spanProcessors: [new sdk.BatchSpanProcessor(warnOnce(exporter, endpoint, log))],
  });
  const otel = provider.getTracer('holdfast', version);
  const present = new AsyncLocalStorage<Recorded>();

  events.on('call', (call) => {
    const span = present.getStore();
    if (span?.name === toBreakerSpanName(call.name)) span.recordCall(call);
  });

  return {
    async span(name, options, work) {
      const recorded = begin(name, options);
      try {
        return await present.run(recorded, () => work(recorded));
      } catch (error) {
        recorded.fail(error);
        throw error;
      } finally {
        recorded.end();
      }
    },
    ready: Promise.resolve(),
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, flushMs);
      });
      // The log has a warning when the collector is away; the service must not wait for it.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };

  function begin(name: string, { kind, parent, attributes = {} }: SpanOptions): Recorded {
    const span = otel.startSpan(name, { kind: kinds[kind], attributes }, toContext(parent));
    const context = span.spanContext();
    let status: number | undefined;

    const markFailed = (message: string) => span.setStatus({ code: SpanStatusCode.ERROR, message });
    return {
      name,
      isRecorded: span.isRecording(),
      propagate: (headers) => toHeaders(headers, context),
      set(more) {
        const { 'http.response.status_code': code } = more;
        if (typeof code === 'number') status = code;
        span.setAttributes(more);
      },
      recordCall({ name: breaker, state, outcome, probe, late, error }) {
        span.setAttributes({
          'breaker.name': breaker,
          'breaker.state': state,
          'breaker.outcome': outcome,
          'breaker.probe': probe,
          'breaker.late': late,
        });
        if (outcome !== 'success') markFailed(error?.message ?? outcome);
      },
      fail(error) {
        // A server's span has not failed when the client caused the error (OpenTelemetry, HTTP spans).
        if (kind === 'server' && status !== undefined && status < 500) return;
        span.setAttribute('error.type', toType(error));
        markFailed(error instanceof Error ? error.message : String(error));
      },
      end() {
        if (status !== undefined && status >= (kind === 'server' ? 500 : 400)) {
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  }

  function toContext(parent: TraceHeaders | undefined): Context {
    const place = parseTraceparent(parent?.traceparent);
    if (place === undefined) return ROOT_CONTEXT;
    const { traceId, spanId, flags } = place;
    const traceState = createTraceState(parent?.tracestate ?? '');
    return trace.setSpanContext(ROOT_CONTEXT, {
      traceId,
      spanId,
      traceFlags: flags,
      traceState,
      isRemote: true,
    });
  }
}

/** Wraps an exporter, so that an absent collector is one line in the log and not one for each export. */
export function warnOnce(exporter: SpanExporter, endpoint: string, log: Log): SpanExporter {
  let isAway = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined && !isAway) {
          log.warn(
            `traces are lost until ${new URL(endpoint).origin} takes them: ${result.error.message || 'no answer'}`,
          );
        }
        isAway = result.error !== undefined;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** Replaces the parent's trace context by that of a span; the state of other vendors is passed on unchanged. */
function toHeaders(
  headers: TraceHeaders,
  { traceId, spanId, traceFlags, traceState }: SpanContext,
): TraceHeaders {
  const { traceparent: _, tracestate: __, ...others } = headers;
  const state = traceState?.serialize() ?? '';
  return {
    ...others,
    traceparent: toTraceparent({ traceId, spanId, flags: traceFlags }),
    ...(state === '' ? {} : { tracestate: state }),
  };
}

/** The stable code of an error when it has one, else its name. */
function toType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** A span with the methods that only this module uses. */
interface Recorded extends Span {
  readonly name: string;
  recordCall(call: BreakerCall): void;
  fail(error: unknown): void;
  end(): void;
}
