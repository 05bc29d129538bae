/**
 * A real receiver of OTLP over HTTP, which keeps the spans that come; it can also be one that never answers.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it went over the wire, with its attributes as a plain record. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client';
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
  readonly message: string;
}

/** A receiver that listens. */
export interface Collector {
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  /** The attributes of the resources that sent spans, by the name of the service. */
  readonly resources: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

/** Starts a receiver on a free port. */
export async function startCollector({ answers = true } = {}): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const resources = new Map<string, Record<string, unknown>>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!answers) return;
    for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans) {
      const attributes = toRecord(resource.attributes);
      const service = String(attributes['service.name']);
      resources.set(service, attributes);
      spans.push(...scopeSpans.flatMap((scope: { spans: WireSpan[] }) => scope.spans.map(toSpan(service))));
    }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resources,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface WireSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: WireAttribute[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface WireAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Numbers of the protocol: opentelemetry/proto/trace/v1. */
const kinds = { 1: 'internal', 2: 'server', 3: 'client' } as const;
const failedCode = 2;

function toSpan(service: string) {
  return ({
    name,
    kind,
    traceId,
    spanId,
    parentSpanId = '',
    attributes,
    status,
  }: WireSpan): CollectedSpan => ({
    service,
    name,
    kind: kinds[kind as 1 | 2 | 3],
    traceId,
    spanId,
    parentSpanId,
    attributes: toRecord(attributes),
    failed: status.code === failedCode,
    message: status.message ?? '',
  });
}

function toRecord(attributes: readonly WireAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
