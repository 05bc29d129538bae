/**
 * Shares places among clients: one that holds more than its share does not get the last places.
 *
 * An address with its equal share gets none of the last quarter, a connection with more than a few none of the last
 * half, so that a client with few requests finds a place. The address is that of the socket, never one from a header:
 * behind a proxy all clients have one address and one share.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../resilience/deadline.ts';

/** The sender of a request: an address, and one of its connections. */
export interface Client {
  readonly address: string;
  readonly connection: object;
}

/** Counts the places that each client holds. */
export interface FairShare {
  /** How many of `limit` places may be taken in all for this client to get another one. */
  roomFor(client: Client, limit: number): number;
  /** Counts a place of the client; the returned function releases it. */
  take(client: Client): () => void;
}

/** Places that any client may hold, however many others there are; the default. */
const usualFew = 4;
/** Shares of all places beyond which an address with its share, and a connection with many, gets no more. */
const openTo = { address: 3 / 4, connection: 1 / 2 } as const;
/** An address counts as active for so long after a request. */
const recentMs = 2000;
/** Further addresses count as one. */
const maxAddresses = 4096;

interface Held {
  places: number;
  askedAt: number;
}

/** Creates the counts; any client may hold `few` places. */
export function createFairShare(clock: Clock, few = usualFew): FairShare {
  const addresses = new Map<string, Held>();
  const connections = new WeakMap<object, number>();
  let prunedAt = clock();

  return {
    roomFor(client, limit) {
      const now = clock();
      const held = find(client.address, now);
      held.askedAt = now;
      prune(now);
      if ((connections.get(client.connection) ?? 0) >= few) return Math.ceil(limit * openTo.connection);
      const room = Math.ceil(limit * openTo.address);
      return held.places >= Math.max(few, room / addresses.size) ? room : limit;
    },
    take({ address, connection }) {
      const held = find(address, clock());
      held.places += 1;
      connections.set(connection, (connections.get(connection) ?? 0) + 1);
      return () => {
        held.places -= 1;
        connections.set(connection, (connections.get(connection) ?? 1) - 1);
      };
    },
  };

  function find(address: string, now: number): Held {
    const known = addresses.get(address);
    if (known !== undefined) return known;
    if (addresses.size >= maxAddresses && address !== '') return find('', now);
    const held = { places: 0, askedAt: now };
    addresses.set(address, held);
    return held;
  }

  function prune(now: number): void {
    if (now - prunedAt < recentMs / 10) return;
    prunedAt = now;
    for (const [address, { places, askedAt }] of addresses) {
      if (places === 0 && now - askedAt >= recentMs) addresses.delete(address);
    }
  }
}

/** The sender of a request. */
export function toClient({ socket }: Pick<IncomingMessage, 'socket'>): Client {
  return { address: toAddress(socket.remoteAddress), connection: socket };
}

/** Identifies a client: an IPv4 address, or the first 64 bits of an IPv6 one, since a client may use all the rest. */
export function toAddress(remote: string | undefined = ''): string {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(remote) ?? [];
  if (mapped !== undefined) return mapped;
  if (!remote.includes(':')) return remote;
  const [head = '', tail] = remote.split('%', 1)[0]?.split('::') ?? [];
  const parts = head === '' ? [] : head.split(':');
  const rest = tail ? tail.split(':') : [];
  const whole = [...parts, ...Array(Math.max(0, 8 - parts.length - rest.length)).fill('0'), ...rest];
  return whole.slice(0, 4).join(':');
}
