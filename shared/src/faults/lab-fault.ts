/**
 * Parses the header `Lab-Fault`: faults for one request, each at one service of the chain.
 *
 *     Lab-Fault: middle;latency=800, last;error=503;phase=after
 *
 * A mistake is rejected: if it were ignored, a test without its fault would pass.
 */
import { cut, RequestError } from '../core/errors.ts';
import { type FaultType, faultTypes } from './fault-events.ts';
import { faultDelayMs, faultStatus } from './fault-ranges.ts';
import type { FaultPhase } from './faults.ts';

/** One entry of the header. */
export interface LabFault {
  /** The `ID` of its service. */
  readonly service: string;
  readonly type: FaultType;
  readonly phase: FaultPhase;
  /** Status of an `error`. */
  readonly status: number;
  /** Delay of a `latency`. */
  readonly ms: number;
}

/** Maximum entries and characters of one header, which propagates along the whole chain. */
const maxEntries = 10;
const maxLength = 1000;

/**
 * Parses every entry, also those for other services, so that the first service reports a mistake.
 * @throws {RequestError} `unreadable`, naming the invalid part.
 */
export function parseLabFault(header: string): readonly LabFault[] {
  if (header.length > maxLength) {
    throw unreadable(`it has ${header.length} characters, at most ${maxLength} are taken`);
  }
  const entries = header.split(',');
  if (entries.length > maxEntries) {
    throw unreadable(`it has ${entries.length} entries, at most ${maxEntries} are taken`);
  }
  return entries.map(parseEntry);
}

function parseEntry(entry: string): LabFault {
  const [service = '', what = '', ...more] = entry.split(';').map((part) => part.trim());
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(service)) {
    throw unreadable(`${quote(service)} is no name of a service`);
  }
  if (what === '') throw unreadable(`"${service}" says no fault, such as "${service};error=503"`);
  const { type, value } = parseWhat(what);
  return {
    service,
    type,
    phase: parsePhase(more, type),
    status: type === 'error' ? toNumber(type, value, faultStatus) : faultStatus.fallback,
    ms: type === 'latency' ? toNumber(type, value, faultDelayMs) : faultDelayMs.fallback,
  };
}

function parseWhat(what: string): { type: FaultType; value: string | undefined } {
  const [, word = '', value] = /^([^=]*?)\s*(?:=\s*(.*))?$/s.exec(what) ?? [];
  const type = faultTypes.find((one) => one === word);
  if (type === undefined) {
    throw unreadable(`${quote(what)} is no fault; there are ${faultTypes.join(', ')}`);
  }
  if (value !== undefined && type !== 'error' && type !== 'latency') {
    throw unreadable(`${quote(what)} takes no value, only error and latency do`);
  }
  return { type, value };
}

function toNumber(
  type: FaultType,
  value: string | undefined,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number {
  if (value === undefined) return fallback;
  const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw unreadable(`"${type}=${cut(value, 40)}" must be a whole number from ${min} to ${max}`);
}

function parsePhase([part, ...more]: readonly string[], type: FaultType): FaultPhase {
  if (part === undefined) return 'before';
  const [, phase] = /^phase\s*=\s*(before|after)$/.exec(part) ?? [];
  if (phase === undefined || more.length > 0) {
    throw unreadable(`${quote(more[0] ?? part)} cannot stand there, only one phase=before or phase=after`);
  }
  if (phase === 'after' && type === 'unready') {
    throw unreadable('"unready" has no phase=after: a service that is unready keeps nothing');
  }
  return phase as FaultPhase;
}

function unreadable(why: string): RequestError {
  return new RequestError('unreadable', `The header Lab-Fault cannot be read: ${why}.`);
}

function quote(text: string): string {
  return `"${cut(text, 40)}"`;
}
