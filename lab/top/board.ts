/**
 * What `npm run top` knows: for each service what it said last and when, and the newest events of all of them.
 *
 * Time comes in as an argument; reading is read-stream.ts, showing is draw-board.ts.
 */
import type { ServiceStatus, Snapshot, StreamEntry } from '@holdfast/shared/observability/wire.ts';
import type { StreamMessage } from '../server/read-stream.ts';

/** A service that is watched. */
export interface WatchedService {
  readonly url: string;
  /** What it said last; kept while it is away. */
  readonly status: ServiceStatus | null;
  /** When `status` came, by the clock of this machine. */
  readonly statusAt: number;
  /** When anything came, a heartbeat included; `null` before the first word. */
  readonly heardAt: number | null;
  /** Why the last attempt to read ended; `null` while the stream is open. */
  readonly lost: string | null;
}

/** Everything that is known. */
export interface Board {
  /** In the sequence of the command line. */
  readonly services: readonly WatchedService[];
  /** The oldest first. */
  readonly events: readonly StreamEntry[];
}

/** What the board reads of a message. */
export type BoardMessage = Pick<StreamMessage, 'event' | 'data'>;

/** Silence after which what a service said last no longer counts. */
export const staleAfterMs = 5_000;

/** Most events that are kept; more than a tall terminal shows. */
const mostEvents = 100;

/** A board on which nothing was heard yet. */
export function createBoard(urls: readonly string[]): Board {
  const services = urls.map((url) => ({ url, status: null, statusAt: 0, heardAt: null, lost: null }));
  return { services, events: [] };
}

/** The board after a service said something. Kinds of message that it does not know count as heard. */
export function afterMessage(board: Board, url: string, { event, data }: BoardMessage, now: number): Board {
  if (event === 'snapshot' || event === 'tick') {
    if (!isStatus(data)) return afterLoss(board, url, 'does not speak as a service of this chain');
    const history = event === 'snapshot' ? ((data as Snapshot).history ?? []) : [];
    const known = withService(board, url, { status: data, statusAt: now, heardAt: now, lost: null });
    return withEvents(known, history);
  }
  const heard = withService(board, url, { heardAt: now, lost: null });
  return isEntry(data) ? withEvents(heard, [data]) : heard;
}

/** The board after the stream of a service has ended or could not be opened. */
export function afterLoss(board: Board, url: string, why: string): Board {
  return withService(board, url, { lost: why });
}

/** Whether what a service said last still counts. */
export function isFresh({ status, heardAt }: WatchedService, now: number): boolean {
  return status !== null && heardAt !== null && now - heardAt < staleAfterMs;
}

function withService(board: Board, url: string, news: Partial<WatchedService>): Board {
  return { ...board, services: board.services.map((one) => (one.url === url ? { ...one, ...news } : one)) };
}

/** A snapshot repeats what was heard before the gap, so that an event is known by its id. */
function withEvents(board: Board, entries: readonly StreamEntry[]): Board {
  if (entries.length === 0) return board;
  const byId = new Map([...board.events, ...entries].map((entry) => [toKey(entry), entry]));
  const events = [...byId.values()].sort((one, other) => one.at - other.at).slice(-mostEvents);
  return { ...board, events };
}

function toKey({ service, instance, id }: StreamEntry): string {
  return `${service} ${instance} ${id}`;
}

/** What else listens under `/events` may be anything, such as the lab's own stream. */
function isStatus(data: unknown): data is ServiceStatus {
  return isRecord(data) && typeof data.service === 'string' && Array.isArray(data.breakers);
}

function isEntry(data: unknown): data is StreamEntry {
  return isRecord(data) && typeof data.line === 'string' && typeof data.id === 'string';
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null;
}
