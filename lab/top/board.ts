/**
 * The state of `npm run top`: the last status of each service with its time, and the newest events of all.
 *
 * Time comes in as an argument; read-stream.ts reads, draw-board.ts draws.
 */
import type { ServiceStatus, Snapshot, StreamEntry } from '@holdfast/shared/observability/wire.ts';
import { isRecord } from '../server/is-record.ts';
import type { StreamMessage } from '../server/read-stream.ts';

/** A service that is watched. */
export interface WatchedService {
  readonly url: string;
  /** Its last status; kept while it is away. */
  readonly status: ServiceStatus | null;
  /** When `status` came, by the clock of this machine. */
  readonly statusAt: number;
  /** When the last message came, a heartbeat included; `null` before the first. */
  readonly heardAt: number | null;
  /** Why the last attempt to read ended; `null` while the stream is open. */
  readonly lost: string | null;
}

/** The whole state. */
export interface Board {
  /** In the sequence of the command line. */
  readonly services: readonly WatchedService[];
  /** The oldest first. */
  readonly events: readonly StreamEntry[];
}

/** The fields of a message that the board reads. */
export type BoardMessage = Pick<StreamMessage, 'event' | 'data'>;

/** Silence after which a status is stale. */
export const staleAfterMs = 5_000;

/** Limit of kept events; more than a tall terminal shows. */
const mostEvents = 100;

/** A board before the first message. */
export function createBoard(urls: readonly string[]): Board {
  const services = urls.map((url) => ({ url, status: null, statusAt: 0, heardAt: null, lost: null }));
  return { services, events: [] };
}

/** The board after a message; unknown kinds only update the time. */
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

/** Whether the last status of a service is fresh. */
export function isFresh({ status, heardAt }: WatchedService, now: number): boolean {
  return status !== null && heardAt !== null && now - heardAt < staleAfterMs;
}

function withService(board: Board, url: string, news: Partial<WatchedService>): Board {
  return { ...board, services: board.services.map((one) => (one.url === url ? { ...one, ...news } : one)) };
}

/** A snapshot repeats events from before the gap, so known ids are skipped. */
function withEvents(board: Board, entries: readonly StreamEntry[]): Board {
  if (entries.length === 0) return board;
  const byId = new Map([...board.events, ...entries].map((entry) => [toKey(entry), entry]));
  const events = [...byId.values()].sort((one, other) => one.at - other.at).slice(-mostEvents);
  return { ...board, events };
}

function toKey({ service, instance, id }: StreamEntry): string {
  return `${service} ${instance} ${id}`;
}

/** Another stream can be under `/events`, such as the lab's own. */
function isStatus(data: unknown): data is ServiceStatus {
  return isRecord(data) && typeof data.service === 'string' && Array.isArray(data.breakers);
}

function isEntry(data: unknown): data is StreamEntry {
  return isRecord(data) && typeof data.line === 'string' && typeof data.id === 'string';
}
