/** The cells of an order: the result of every hop as its caller saw it, with its duration. */
import type { LabStep } from '../../server/wire.ts';
import type { DocumentProgress } from './orders.ts';

/** The result at one hop. `unknown`: called, without an answer; `none`: not called. */
export type CellKind = 'ok' | 'rejected' | 'timeout' | 'failed' | 'unknown' | 'none' | 'working';

/** One cell: an icon and its text. */
export interface Cell {
  readonly kind: CellKind;
  readonly ms: number | null;
  /** A word instead of milliseconds: `rejected`, `502`. */
  readonly word: string | null;
}

/** Makes one cell per service of the chain; `parts` are those of one order, by level. */
export function toCells(
  parts: readonly (DocumentProgress | undefined)[],
  services: readonly string[],
): Cell[] {
  const hops = parts.find((part) => part !== undefined)?.last.hops ?? null;
  const cells: Cell[] = [];
  for (const [level, service] of services.entries()) {
    const hop = hops?.find((each) => each.service === service);
    const told = toCell(parts, level, cells[level - 1]);
    // A completed order lists its hops: they count where single steps are missing.
    cells.push(hop !== undefined && told.kind !== 'ok' ? { kind: 'ok', ms: hop.ms, word: null } : told);
  }
  return cells;
}

function toCell(
  parts: readonly (DocumentProgress | undefined)[],
  level: number,
  before: Cell | undefined,
): Cell {
  const own = parts[level];
  const caller = level === 0 ? undefined : parts[level - 1];
  if (caller?.handedOn != null) return toCalledCell(caller.handedOn, own);
  if (own !== undefined) return toOwnCell(own);
  if (level === 0) return parts.some(Boolean) ? word('working', null) : word('none', null);
  if (caller?.last.status === 'pending' && caller.answered === null) return word('working', null);
  return before !== undefined && ['timeout', 'failed', 'unknown'].includes(before.kind)
    ? word('unknown', null)
    : word('none', null);
}

/** A hop as its caller saw it. */
function toCalledCell({ next, ms }: LabStep, own: DocumentProgress | undefined): Cell {
  const outcome = next?.outcome ?? 'done';
  switch (outcome) {
    case 'done':
    case 'waiting':
      return { kind: 'ok', ms, word: null };
    case 'refused':
      return word('failed', 'refused');
    case 'breaker-open':
      return word('rejected', 'rejected');
    case 'bulkhead-full':
      return word('rejected', 'no slot');
    case 'deadline-exceeded':
      return word('timeout', 'no time left');
    case 'attempt-timeout':
      return { kind: 'timeout', ms, word: null };
    case 'neighbour-unreachable':
      return word('failed', 'unreachable');
    case 'neighbour-misconfigured':
      return word('failed', 'misconfigured');
    case 'neighbour-busy':
    case 'document-not-taken':
    case 'neighbour-failed':
      return word('failed', String(next?.httpStatus ?? own?.answered?.httpStatus ?? 'failed'));
    default:
      return word('failed', outcome);
  }
}

/** A hop as it reports itself: its own work, without the time that it waited for the next one. */
function toOwnCell({ answered, handedOn, last }: DocumentProgress): Cell {
  if (answered === null) return { kind: last.status === 'failed' ? 'failed' : 'ok', ms: null, word: null };
  if (answered.httpStatus === null || answered.httpStatus >= 400) {
    return word('failed', String(answered.httpStatus ?? 'failed'));
  }
  const waited = handedOn?.by === 'request' ? handedOn.ms : 0;
  return { kind: 'ok', ms: Math.max(0, answered.ms - waited), word: null };
}

function word(kind: CellKind, text: string | null): Cell {
  return { kind, ms: null, word: text };
}
