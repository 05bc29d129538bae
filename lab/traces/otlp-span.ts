/** One span of OTLP JSON as a call: only spans of kind client are. */
import { toOutcome } from './access-log.ts';
import type { SpanCall } from './peers.ts';
import type { CallOutcome } from './trace.ts';
import { BrokenLineError, parseJson } from './trace-error.ts';

type Attributes = ReadonlyMap<string, string | number | boolean>;
type Fields = Readonly<Record<string, unknown>>;

/** Longer names are cut. */
const maxName = 200;
const timeoutWords = /time.?d? ?out|deadline|abort|cancel|ECONNABORTED/i;

/**
 * Reads a span; times are nanoseconds. `undefined` when it is no call to a neighbour.
 * @throws {BrokenLineError} when it cannot be read.
 */
export function parseSpan(text: string): SpanCall | undefined {
  const span = toFields(parseJson(text));
  if (span.kind !== 3 && span.kind !== 'SPAN_KIND_CLIENT') return undefined;
  const begin = toNanos(span.startTimeUnixNano, 'startTimeUnixNano');
  const end = toNanos(span.endTimeUnixNano, 'endTimeUnixNano');
  if (end < begin) throw new BrokenLineError('a span in it ends before it begins');
  const attributes = toAttributes(span.attributes);
  const place = toPlace(attributes);
  if (place === undefined) throw new BrokenLineError('a client span in it does not name its neighbour');
  const isRetry = Number(first(attributes, 'http.request.resend_count', 'http.resend_count') ?? 0) > 0;
  return {
    call: {
      ...{ t: Number(begin), ms: Number(end - begin), outcome: toSpanOutcome(span, attributes) },
      ...(place.address === undefined ? {} : { instance: place.address }),
      ...(isRetry ? { retry: true } : {}),
    },
    peer: place.peer,
    aliases: [place.address, place.host].filter((name) => name !== undefined),
    isStore: ['db.system', 'db.system.name', 'messaging.system'].some((name) => attributes.has(name)),
  };
}

function toNanos(value: unknown, name: string): bigint {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return BigInt(Math.round(value));
  throw new BrokenLineError(`a span in it has no ${name}`);
}

function toAttributes(given: unknown): Attributes {
  const found = new Map<string, string | number | boolean>();
  if (!Array.isArray(given)) return found;
  for (const one of given) {
    const { key, value } = toFields(one);
    const { stringValue, intValue, doubleValue, boolValue } = toFields(value);
    const said = stringValue ?? intValue ?? doubleValue ?? boolValue;
    const isPlain = typeof said === 'string' || typeof said === 'number' || typeof said === 'boolean';
    if (typeof key === 'string' && isPlain) found.set(key, said);
  }
  return found;
}

/** What the neighbour is called, and where it is. */
function toPlace(attributes: Attributes): { peer: string; address?: string; host?: string } | undefined {
  const service = attributes.get('peer.service');
  const url = toUrl(first(attributes, 'url.full', 'http.url'));
  const said = first(attributes, 'server.address', 'net.peer.name', 'network.peer.address') ?? url?.hostname;
  const port = first(attributes, 'server.port', 'net.peer.port', 'network.peer.port') ?? url?.port;
  const named = typeof service === 'string' && service !== '' ? service.slice(0, maxName) : undefined;
  if (said === undefined || said === '') return named === undefined ? undefined : { peer: named };
  const host = `${said}`.slice(0, maxName);
  const address = port ? `${host}:${port}` : host;
  return { peer: named ?? address, address, host };
}

function toSpanOutcome(span: Fields, attributes: Attributes): CallOutcome {
  const status = Number(first(attributes, 'http.response.status_code', 'http.status_code') ?? Number.NaN);
  if (status >= 100) return toOutcome(status);
  const grpc = first(attributes, 'rpc.grpc.status_code', 'rpc.response.status_code');
  if (grpc !== undefined) return toGrpcOutcome(Number(grpc));
  const { code, message } = toFields(span.status);
  const isError = code === 2 || code === 'STATUS_CODE_ERROR' || attributes.has('error.type');
  if (!isError) return 'ok';
  const said = [attributes.get('error.type'), message, ...toExceptions(span.events)].join(' ');
  return timeoutWords.test(said) ? 'timeout' : 'failed';
}

/** CANCELLED and DEADLINE_EXCEEDED; UNKNOWN, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE and DATA_LOSS. */
function toGrpcOutcome(code: number): CallOutcome {
  if (code === 1 || code === 4) return 'timeout';
  return [2, 8, 13, 14, 15].includes(code) ? 'failed' : 'ok';
}

function toExceptions(events: unknown): string[] {
  if (!Array.isArray(events)) return [];
  return events.slice(0, 10).flatMap((event) => {
    const attributes = toAttributes(toFields(event).attributes);
    return [attributes.get('exception.type'), attributes.get('exception.message')].map(String);
  });
}

function toUrl(text: unknown): URL | undefined {
  return typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
}

function first(attributes: Attributes, ...names: string[]): string | number | boolean | undefined {
  const name = names.find((one) => attributes.has(one));
  return name === undefined ? undefined : attributes.get(name);
}

function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
